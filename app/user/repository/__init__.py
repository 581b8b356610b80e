"""Every SQL statement about accounts, their doors, profiles, blocks and sessions."""
