"""The use cases of notifications, a file each: writing them, devices, settings, announcements."""
