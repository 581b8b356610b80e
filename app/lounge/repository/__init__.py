"""Every SQL statement about lounges, favorites, recent views and subscriptions."""
