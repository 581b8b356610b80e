"""Operating Linky: backups, checks, the embedded database, roles, keys and systemd."""
