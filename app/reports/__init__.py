"""Reports by users, for moderators to decide within a day."""
