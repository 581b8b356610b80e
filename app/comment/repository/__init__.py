"""Every SQL statement about comments."""
