"""Every SQL statement about posts."""
