"""Every SQL statement about lounges, favourites, recent views and subscriptions."""
