"""Running Linky, and caring for what runs."""
