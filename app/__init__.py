"""The server of Linky; docs/architecture.md has the map."""
