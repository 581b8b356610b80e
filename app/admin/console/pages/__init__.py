"""The console's pages, a module for each: what it shows, and the acts of its forms."""
