"""What features share, without FastAPI and without any feature."""
