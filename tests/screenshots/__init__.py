"""Screenshots of every page for a browser: `make screenshots`."""
