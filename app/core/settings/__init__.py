"""The settings: their names, defaults, checks, and where they come from."""
