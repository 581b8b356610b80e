"""What a user is told: rows, the unread count, settings, devices, push."""
