"""Backups: the database and a list of the objects, encrypted for keys that this machine lacks.

A backup is two files in a folder or a bucket, `NAME.dump.age` and `NAME.manifest.age`. The
manifest is written last, so a backup without it was not finished. ADR 0030 has format and reasons.
"""

from app.operations.backup.checking import Finding, check_restored
from app.operations.backup.encryption import read_identities, read_recipients, write_new_identity
from app.operations.backup.errors import BackupError
from app.operations.backup.last_made import expect_backup, expect_none, note_backup
from app.operations.backup.making import FinishedBackup, make_backup, remove_old
from app.operations.backup.manifest import Facts
from app.operations.backup.places import (
    BackupPlace,
    Bucket,
    Folder,
    list_backups,
    made_at,
    make_place,
)
from app.operations.backup.restoring import OpenedBackup, open_backup, restore, scratch_database

__all__ = [
    "BackupError",
    "BackupPlace",
    "Bucket",
    "Facts",
    "Finding",
    "FinishedBackup",
    "Folder",
    "OpenedBackup",
    "check_restored",
    "expect_backup",
    "expect_none",
    "list_backups",
    "made_at",
    "make_backup",
    "make_place",
    "note_backup",
    "open_backup",
    "read_identities",
    "read_recipients",
    "remove_old",
    "restore",
    "scratch_database",
    "write_new_identity",
]
