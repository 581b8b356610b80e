"""Notifications: the list, the unread count, settings, devices, push."""
