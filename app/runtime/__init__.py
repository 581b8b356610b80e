"""What lives as long as a process, and what lives as long as a unit of work."""
