"""Users: accounts, sessions, profiles and blocks."""
