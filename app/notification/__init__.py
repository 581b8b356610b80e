"""Writing notifications, and marking them as read; settings, devices, announcements.

`app/notification_delivery` lists, counts and pushes them.
"""
