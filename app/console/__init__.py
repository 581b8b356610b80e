"""The console at `/admin`: pages for a browser. They work without scripts, on the same services."""
