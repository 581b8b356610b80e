"""Open a backup, and fill a database with it: wholly, or not at all."""

import hashlib
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

import asyncpg
from anyio import to_thread
from sqlalchemy import make_url

from app.operations.backup.census import patient_connection, table_names
from app.operations.backup.errors import BackupError
from app.operations.backup.manifest import Facts, read_facts
from app.operations.backup.places import (
    DUMP,
    MANIFEST,
    Place,
    list_backups,
    made_at,
    temporary_folder,
)
from app.operations.backup.programs import complaint_of, environment_for, find_program
from app.operations.backup.sealing import unseal

SCRATCH = "linky_restore_"


@dataclass(frozen=True, slots=True)
class OpenedBackup:
    """A backup whose manifest was read and whose dump is the one that the manifest means.

    `objects` is a file that stands at the first object; `dump` is encrypted still.
    """

    name: str
    facts: Facts
    objects: IO[bytes]
    dump: Path
    identities: Sequence[Any]


@asynccontextmanager
async def opened_backup(
    place: Place, name: str | None, identities: Sequence[Any], workshop: Path
) -> AsyncIterator[OpenedBackup]:
    """Bring a backup here and look at it; the newest one without a name. Raises BackupError."""
    chosen = await to_thread.run_sync(_choose, place, name)
    with (
        temporary_folder(await to_thread.run_sync(_made_folder, workshop)) as folder,
        tempfile.TemporaryFile(dir=folder) as plain,
    ):
        sealed = await to_thread.run_sync(place.fetch, chosen + MANIFEST, folder)
        await to_thread.run_sync(_unseal_file, sealed, plain, identities)
        facts = read_facts(plain)
        dump = await to_thread.run_sync(place.fetch, chosen + DUMP, folder)
        await to_thread.run_sync(_ensure_same, dump, facts)
        yield OpenedBackup(chosen, facts, plain, dump, identities)


def _made_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"{folder} can't be written ({error.strerror})") from None
    return folder


def _choose(place: Place, name: str | None) -> str:
    if name is not None:
        made_at(name)
        return name
    finished = list_backups(place.names())
    if not finished:
        raise BackupError(f"there is no backup in {place}")
    return finished[-1]


def _unseal_file(sealed: Path, plain: IO[bytes], identities: Sequence[Any]) -> None:
    with sealed.open("rb") as source:
        unseal(source, plain, identities, "the manifest")
    plain.seek(0)


def _ensure_same(dump: Path, facts: Facts) -> None:
    """Whether it is the file that the manifest was written for.

    Anybody can encrypt for a public key; what they swap is not what the manifest names.
    """
    size = dump.stat().st_size
    if size != facts.dump_bytes:
        raise BackupError(
            f"the dump is damaged: it has {size} bytes, and {facts.dump_bytes} were written"
        )
    with dump.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != facts.dump_sha256:
        raise BackupError("the dump is damaged, or another one: its SHA-256 is not the manifest's")


async def restore(backup: OpenedBackup, database_url: str, *, replace: bool = False) -> None:
    """Fill a database. Raises BackupError if it is not empty, unless it is to be replaced.

    In one transaction: what fails leaves the database as it was. Owners and rights are those of
    the role that restores, since the old server's roles need not exist here.
    """
    async with patient_connection(database_url) as connection:
        major = connection.get_server_version().major
        present = set(await table_names(connection))
    unknown = sorted(present - set(backup.facts.tables))
    if present and not replace:
        raise BackupError(
            f"the database is not empty ({len(present)} tables); nothing was touched. "
            "Restore into an empty one, or say --replace"
        )
    if unknown:
        raise BackupError(
            f"the database has tables that the backup does not know ({', '.join(unknown)}); "
            "drop them first, or restore into an empty database"
        )
    program = await to_thread.run_sync(
        find_program, "pg_restore", max(major, backup.facts.server_major)
    )
    command = [
        program,
        f"--dbname={make_url(database_url).database}",
        "--single-transaction",
        "--no-owner",
        "--no-privileges",
        *(["--clean", "--if-exists"] if replace else []),
    ]
    await to_thread.run_sync(_pour, backup, command, environment_for(database_url))
    async with patient_connection(database_url) as connection:
        await connection.execute("ANALYZE")


def _pour(backup: OpenedBackup, command: list[str], environment: dict[str, str]) -> None:
    """Decrypt the dump into pg_restore, so that it is nowhere on the disk in the clear."""
    with tempfile.TemporaryFile() as errors, backup.dump.open("rb") as sealed:
        process = subprocess.Popen(  # noqa: S603 - our own command.
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        assert process.stdin is not None
        damage: BackupError | None = None
        try:
            unseal(sealed, process.stdin, backup.identities, "the dump")
        except BackupError as error:
            damage = error
            if process.poll() is None and not _has_ended(process):
                process.kill()  # Its transaction is rolled back; an end of file would commit it.
        except BaseException:
            process.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                process.stdin.close()
            status = process.wait()
        errors.seek(0)
        words = errors.read().decode(errors="replace")
        if status > 0:
            raise BackupError(f"pg_restore failed, and changed nothing: {complaint_of(words)}")
        if damage is not None:
            raise damage


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether pg_restore gave up by itself, so that its own reason is the one to tell."""
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        return False
    return True


@asynccontextmanager
async def scratch_database(server_url: str) -> AsyncIterator[str]:
    """The URL of an empty database on a server, dropped afterwards. Raises BackupError."""
    name = SCRATCH + token_hex(6)
    try:
        await _execute(server_url, f"CREATE DATABASE {name} TEMPLATE template0")
    except asyncpg.InsufficientPrivilegeError:
        raise BackupError(
            "this role may not make a scratch database: name a server where yours may (--server)"
        ) from None
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        await _drop(server_url, name)


async def _drop(server_url: str, name: str) -> None:
    try:
        await _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")
    except asyncpg.InsufficientPrivilegeError:
        # FORCE refuses where autovacuum is at work, which belongs to the superuser. Without FORCE
        # the server stops it by itself, and waits for others for five seconds.
        await _execute(server_url, f"DROP DATABASE {name}")


async def _execute(server_url: str, statement: str) -> None:
    async with patient_connection(server_url) as connection:
        await connection.execute(statement)
