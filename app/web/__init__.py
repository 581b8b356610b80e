"""FastAPI's side: what all routes share."""
