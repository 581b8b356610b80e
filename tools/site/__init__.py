"""The documents as a site, in both languages."""
