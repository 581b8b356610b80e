"""Users: accounts, sign-in methods, sessions, profiles and blocks."""
