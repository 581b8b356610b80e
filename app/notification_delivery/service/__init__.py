"""What readers are shown of their notifications: the list, the count, pushes, open streams."""
