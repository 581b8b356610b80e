"""Backups: the database and a list of the objects, encrypted for keys that this machine lacks.

A backup is two files in a folder or a bucket, `NAME.dump.age` and `NAME.manifest.age`. The second
is put there last: a backup without it was not finished. Format and reasons are in ADR 0030.
"""

from app.operations.backup.checking import Finding, check_restored
from app.operations.backup.errors import BackupError
from app.operations.backup.making import Made, forget_old, make_backup
from app.operations.backup.manifest import Facts
from app.operations.backup.places import Bucket, Folder, Place, list_backups, made_at, make_place
from app.operations.backup.restoring import OpenedBackup, opened_backup, restore, scratch_database
from app.operations.backup.sealing import read_identities, read_recipients, write_new_identity

__all__ = [
    "BackupError",
    "Bucket",
    "Facts",
    "Finding",
    "Folder",
    "Made",
    "OpenedBackup",
    "Place",
    "check_restored",
    "forget_old",
    "list_backups",
    "made_at",
    "make_backup",
    "make_place",
    "opened_backup",
    "read_identities",
    "read_recipients",
    "restore",
    "scratch_database",
    "write_new_identity",
]
