"""Every SQL statement about accounts, their sign-in methods, profiles, blocks and sessions."""
