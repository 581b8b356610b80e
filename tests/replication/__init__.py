"""Two servers that read from a replica, as real processes: `python -m tests.replication`."""
