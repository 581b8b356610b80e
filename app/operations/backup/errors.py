"""The error of all backup operations."""


class BackupError(Exception):
    """What can't be done and why, in one sentence for the operator."""
