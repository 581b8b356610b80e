"""The console at `/admin`: pages for a browser, without script, on the services alone."""
