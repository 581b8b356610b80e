"""What goes wrong with backups in a foreseen way."""


class BackupError(Exception):
    """What can't be done and why, in one sentence for whoever runs the command."""
