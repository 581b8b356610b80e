"""Delivering notifications: a user's list, the unread count, pushes, and open streams.

`app/notification` writes them. This package reads them, above posts and comments: these decide
whether the user sees a notification (`models.visible_to`), and have a part of its text.
"""
