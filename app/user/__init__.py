"""Who somebody is: accounts, their sessions, profiles and blocks."""
