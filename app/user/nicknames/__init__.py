"""What a nickname may not look like: it has no hidden signs, and does not pass for the staff's."""
