"""A server under twice the load that it can bear."""
