"""Make a backup, and forget the oldest."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import asyncpg
from anyio import to_thread

from app.integrations.storage import HIDDEN, Storage, StoredObject
from app.operations.backup.census import Census, patient_connection, take_census
from app.operations.backup.errors import BackupError
from app.operations.backup.manifest import FORMAT, Facts, ListedObject, write_facts
from app.operations.backup.places import (
    DUMP,
    MANIFEST,
    STAMP,
    Place,
    list_backups,
    made_at,
    temporary_folder,
)
from app.operations.backup.programs import complaint_of, environment_for, find_program
from app.operations.backup.sealing import seal

PREFIXES = ("images/", "avatars/", "covers/", HIDDEN)
"""All pictures; a probe of the store is left out.

The hidden ones are listed last. So a picture that is hidden during the listing is found at its new
place, if not at its old one.
"""

LOCK_WAIT = "30s"
UNFINISHED_FOR = timedelta(days=1)
"""A dump without a manifest is younger than this while its backup is being made."""


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup: its name, its facts, and the bytes of both files."""

    name: str
    facts: Facts
    size: int


async def make_backup(
    database_url: str,
    storage: Storage,
    place: Place,
    recipients: Sequence[Any],
    *,
    workshop: Path,
    now: datetime,
    version: str,
) -> Made:
    """Dump the database, list the objects, encrypt both and put them into the place.

    The rows are those of one moment: counts and dump share one snapshot. The objects are listed
    after it, so that what is uploaded meanwhile is in the list and not missing from it. Raises
    BackupError, StorageError, and what asyncpg raises where the database is away.
    """
    name = f"linky-{now:{STAMP}}"
    parent = await to_thread.run_sync(place.workshop, workshop)
    with temporary_folder(parent) as folder:
        dump = folder / "dump"
        async with patient_connection(database_url) as connection:
            major = connection.get_server_version().major
            census, size, sha256 = await _dump(connection, database_url, major, dump, recipients)
        with tempfile.TemporaryFile(dir=folder) as objects:
            count, total = await _list_objects(storage, objects)
            facts = Facts(
                format=FORMAT,
                made_at=now.isoformat(),
                linky_version=version,
                server_major=major,
                revision=census.revision,
                tables=census.tables,
                constraints=census.constraints,
                indexes=census.indexes,
                dump_bytes=size,
                dump_sha256=sha256,
                objects=count,
                object_bytes=total,
            )
            manifest = folder / "manifest"
            size += await to_thread.run_sync(_seal_manifest, facts, objects, manifest, recipients)
        await to_thread.run_sync(place.put, dump, name + DUMP)
        await to_thread.run_sync(place.put, manifest, name + MANIFEST)
    return Made(name, facts, size)


async def _dump(
    connection: asyncpg.Connection, database_url: str, major: int, path: Path, keys: Sequence[Any]
) -> tuple[Census, int, str]:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
        census = await take_census(connection)
        if not census.tables:
            raise BackupError("the database is empty: there is nothing to back up")
        program = await to_thread.run_sync(find_program, "pg_dump", major)
        command = [
            program,
            "--format=custom",
            f"--snapshot={snapshot}",
            f"--lock-wait-timeout={LOCK_WAIT}",
        ]
        size, sha256 = await to_thread.run_sync(
            _run_sealed, command, environment_for(database_url), path, keys
        )
    return census, size, sha256


def _run_sealed(
    command: list[str], environment: dict[str, str], path: Path, keys: Sequence[Any]
) -> tuple[int, str]:
    """Run pg_dump and encrypt what it writes: nothing of it reaches the disk in the clear."""
    with tempfile.TemporaryFile() as errors, path.open("wb") as target:
        process = subprocess.Popen(  # noqa: S603 - our own command.
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert process.stdout is not None
        try:
            size, sha256 = seal(process.stdout, target, keys)
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            status = process.wait()
        if status != 0:
            errors.seek(0)
            words = complaint_of(errors.read().decode(errors="replace"))
            raise BackupError(f"pg_dump failed: {words}")
    return size, sha256


async def _list_objects(storage: Storage, file: IO[bytes]) -> tuple[int, int]:
    """Write a line for each object; how many they are, and their bytes."""
    count = total = 0
    for prefix in PREFIXES:
        async for some in storage.list_objects(prefix):
            for found in some:
                listed = await _described(storage, found)
                if listed is not None:
                    file.write(listed.as_line())
                    count += 1
                    total += listed.size
    return count, total


async def _described(storage: Storage, found: StoredObject) -> ListedObject | None:
    """How its content will be known again. None if it was erased a moment ago."""
    if found.etag is not None:
        return ListedObject(found.key, found.size, "etag", found.etag)
    data = await storage.read(found.key)
    if data is None:
        return None
    return ListedObject(found.key, len(data), "sha256", hashlib.sha256(data).hexdigest())


def _seal_manifest(facts: Facts, objects: IO[bytes], path: Path, keys: Sequence[Any]) -> int:
    with tempfile.TemporaryFile(dir=path.parent) as plain, path.open("wb") as target:
        write_facts(facts, plain)
        objects.seek(0)
        shutil.copyfileobj(objects, plain)
        plain.seek(0)
        size, _ = seal(plain, target, keys)
    return size


async def forget_old(place: Place, keep: int, now: datetime) -> list[str]:
    """Remove all backups but the newest `keep`, and what was left unfinished; their names.

    With `keep` 0 nothing is removed: the place has its own rule, or this machine may not delete.
    """
    if keep == 0:
        return []
    names = await to_thread.run_sync(place.names)
    finished = list_backups(names)
    old = finished[:-keep]
    unfinished = {
        name.removesuffix(DUMP).removesuffix(MANIFEST)
        for name in names
        if now - made_at(name) > UNFINISHED_FOR
    } - set(finished)
    gone = sorted({*old, *unfinished})
    # The manifest first: a backup that is half gone is an unfinished one.
    present = [name + part for name in gone for part in (MANIFEST, DUMP) if name + part in names]
    await to_thread.run_sync(place.remove, present)
    return gone
