"""The client on asyncio. `make client` makes `_sync` of these files."""
