"""What runs on the host, by the system's own Python and shell."""
