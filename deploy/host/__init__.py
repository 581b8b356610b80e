"""Programs for the host, run by the system's own Python and shell."""
