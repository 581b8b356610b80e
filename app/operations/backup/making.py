"""Making a backup, and removing old ones."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple

from anyio import to_thread

from app.integrations.storage.base import Storage, StoredObject
from app.operations.backup.encryption import encrypt
from app.operations.backup.errors import BackupError
from app.operations.backup.inventory import (
    WITHOUT_ROWS,
    Inventory,
    connect_without_timeout,
    take_inventory,
)
from app.operations.backup.manifest import FORMAT, BackupManifest, ListedObject, write_facts
from app.operations.backup.pictures import PREFIXES
from app.operations.backup.places import (
    DUMP,
    MANIFEST,
    STAMP,
    BackupPlace,
    list_backups,
    made_at,
    temporary_folder,
)
from app.operations.backup.programs import environment_for, find_program, reason_of

LOCK_WAIT = "30s"
UNFINISHED_FOR = timedelta(days=1)
"""A dump without a manifest that is younger than this may belong to a backup that is running."""


@dataclass(frozen=True, slots=True)
class FinishedBackup:
    """The name and the facts of a backup that was made, and the size of both files in bytes."""

    name: str
    facts: BackupManifest
    size: int


class _Dump(NamedTuple):
    """An encrypted dump, and the inventory of the database at the moment of its snapshot."""

    inventory: Inventory
    server_major: int
    size: int
    sha256: str


class _Listed(NamedTuple):
    """How many objects the manifest lists, and their size in bytes."""

    objects: int
    object_bytes: int


async def make_backup(
    database_url: str,
    storage: Storage,
    place: BackupPlace,
    recipients: Sequence[Any],
    *,
    work_folder: Path,
    now: datetime,
    version: str,
) -> FinishedBackup:
    """Dump the database, list the objects, encrypt both and put them into the place.

    The rows are those of one moment: counts and dump share one snapshot. The objects are listed
    after it, so that the list is not missing what is uploaded meanwhile. Raises BackupError,
    StorageError, and asyncpg's errors if the database is away.
    """
    name = f"linky-{now:{STAMP}}"
    parent = await to_thread.run_sync(place.work_folder, work_folder)
    with temporary_folder(parent) as folder, tempfile.TemporaryFile(dir=folder) as objects:
        dump_file, manifest_file = folder / "dump", folder / "manifest"
        dump = await _dump(database_url, dump_file, recipients)
        listed = await _list_objects(storage, objects)
        facts = _facts(dump, listed, now, version)
        manifest_size = await to_thread.run_sync(
            _encrypt_manifest, facts, objects, manifest_file, recipients
        )
        await to_thread.run_sync(place.put, dump_file, name + DUMP)
        await to_thread.run_sync(place.put, manifest_file, name + MANIFEST)
    return FinishedBackup(name, facts, dump.size + manifest_size)


def _facts(dump: _Dump, listed: _Listed, now: datetime, version: str) -> BackupManifest:
    return BackupManifest(
        format=FORMAT,
        made_at=now.isoformat(),
        linky_version=version,
        server_major=dump.server_major,
        revision=dump.inventory.revision,
        tables=dump.inventory.tables,
        constraints=dump.inventory.constraints,
        indexes=dump.inventory.indexes,
        dump_bytes=dump.size,
        dump_sha256=dump.sha256,
        objects=listed.objects,
        object_bytes=listed.object_bytes,
    )


async def _dump(database_url: str, path: Path, recipients: Sequence[Any]) -> _Dump:
    async with connect_without_timeout(database_url) as connection:
        major = connection.get_server_version().major
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            inventory = await take_inventory(connection)
            if not inventory.tables:
                raise BackupError("the database is empty: there is nothing to back up")
            program = await to_thread.run_sync(find_program, "pg_dump", major, database_url)
            command = [
                program,
                "--format=custom",
                f"--snapshot={snapshot}",
                f"--lock-wait-timeout={LOCK_WAIT}",
                # The pattern takes the sequence of the positions along.
                *(f"--exclude-table-data={table}*" for table in WITHOUT_ROWS),
            ]
            size, sha256 = await to_thread.run_sync(
                _run_pg_dump, command, environment_for(database_url), path, recipients
            )
    return _Dump(inventory, major, size, sha256)


def _run_pg_dump(
    command: list[str], environment: dict[str, str], path: Path, recipients: Sequence[Any]
) -> tuple[int, str]:
    """Run pg_dump and encrypt its output, so that it never lies on the disk unencrypted."""
    with tempfile.TemporaryFile() as errors, path.open("wb") as target:
        process = subprocess.Popen(  # noqa: S603 - The caller made the command.
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert process.stdout is not None
        try:
            size, sha256 = encrypt(process.stdout, target, recipients)
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            status = process.wait()
        if status != 0:
            raise BackupError(f"pg_dump failed: {reason_of(status, errors)}")
    return size, sha256


async def _list_objects(storage: Storage, file: IO[bytes]) -> _Listed:
    """Writes the manifest's line of each object."""
    count = total = 0
    for prefix in PREFIXES:
        async for batch in storage.list_objects(prefix):
            for stored in batch:
                listed = await _with_digest(storage, stored)
                if listed is not None:
                    file.write(listed.as_line())
                    count += 1
                    total += listed.size
    return _Listed(count, total)


async def _with_digest(storage: Storage, stored: StoredObject) -> ListedObject | None:
    """The object with a digest of its content. None if it was erased a moment ago."""
    if stored.etag is not None:
        return ListedObject(stored.key, stored.size, "etag", stored.etag)
    data = await storage.read(stored.key)
    if data is None:
        return None
    return ListedObject(stored.key, len(data), "sha256", hashlib.sha256(data).hexdigest())


def _encrypt_manifest(
    facts: BackupManifest, objects: IO[bytes], path: Path, recipients: Sequence[Any]
) -> int:
    with tempfile.TemporaryFile(dir=path.parent) as plain, path.open("wb") as target:
        write_facts(facts, plain)
        objects.seek(0)
        shutil.copyfileobj(objects, plain)
        plain.seek(0)
        size, _ = encrypt(plain, target, recipients)
    return size


async def remove_old(place: BackupPlace, keep: int, now: datetime) -> list[str]:
    """Remove all backups except the newest `keep`, and unfinished ones. Returns their names.

    With `keep` 0 nothing is removed: the place has its own rule, or this machine may not delete.
    """
    if keep == 0:
        return []
    files = await to_thread.run_sync(place.names)
    finished = list_backups(files)
    unfinished = {
        file.removesuffix(DUMP).removesuffix(MANIFEST)
        for file in files
        if now - made_at(file) > UNFINISHED_FOR
    } - set(finished)
    removed = sorted({*finished[:-keep], *unfinished})
    # The manifest goes first: a backup that is half removed then counts as unfinished.
    parts = [name + part for name in removed for part in (MANIFEST, DUMP) if name + part in files]
    await to_thread.run_sync(place.remove, parts)
    return removed
