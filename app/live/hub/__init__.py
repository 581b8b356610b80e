"""The open streams of a process: one reading of the log for all of them (ADR 0077)."""
