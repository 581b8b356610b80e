"""`Runtime` lives as long as a process, `Context` as long as a unit of work."""
