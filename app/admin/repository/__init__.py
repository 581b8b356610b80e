"""Every SQL statement of the admin feature itself."""
