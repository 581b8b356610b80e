"""Pages that a link to a lounge, post or comment opens in a browser, and which apps open it."""
