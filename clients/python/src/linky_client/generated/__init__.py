"""What `make client` writes from `openapi.json`: enums, models and problems."""
