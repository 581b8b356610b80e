"""Opening a backup, and restoring it into a database: completely or not at all."""

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

from app.operations.backup.encryption import decrypt
from app.operations.backup.errors import BackupError
from app.operations.backup.inventory import connect_without_timeout, table_names
from app.operations.backup.manifest import BackupManifest, read_facts
from app.operations.backup.places import (
    DUMP,
    MANIFEST,
    BackupPlace,
    list_backups,
    made_at,
    make_folder,
    temporary_folder,
)
from app.operations.backup.programs import environment_for, find_program, reason_of

SCRATCH = "linky_restore_"
LOCK_WAIT = "30s"
"""How long a restore waits for a table that a process in use still holds."""

_BEGIN = """\
BEGIN;
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = '{lock_wait}';
"""
"""Time-outs for what we drop. The script of pg_restore sets its own: none."""
_EMPTY_PUBLIC = r"""
SELECT format('DROP %s IF EXISTS %s CASCADE', object.type, object.identity)
FROM pg_depend AS inside, pg_identify_object(inside.classid, inside.objid, 0) AS object
WHERE inside.refclassid = 'pg_namespace'::regclass AND inside.refobjid = 'public'::regnamespace
    AND inside.classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass)
    AND NOT EXISTS (
        SELECT FROM pg_depend AS part
        WHERE part.classid = inside.classid AND part.objid = inside.objid
            AND part.deptype IN ('e', 'i')
    )
\gexec
"""
"""Drops all tables, functions and types of the schema `public`.

Members of extensions ('e') stay. Parts of other objects ('i') go with these.

`pg_restore --clean` drops only what its archive knows. What a later release has added would stay,
and its migrations could not add it again. The schema stays: the server's role has its rights on
later tables from it.
"""

_END_CONNECTIONS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = $1 AND usename = current_user
"""
"""Ends this role's connections to a database, and waits up to ten seconds for each."""

_SQL_ERROR = 3
"""psql's exit status after a statement that failed. With any other its connection may have gone.

https://www.postgresql.org/docs/current/app-psql.html
"""


EMPTIED = frozenset({"public.user_devices"})
"""Tables that a restore empties. Nothing is pushed to a phone that has signed out since: each is a
device again when its user signs in."""

_END = "UPDATE user_sessions SET ended_at = now() WHERE ended_at IS NULL"
_FORGET_DEVICES = "DELETE FROM user_devices"


@dataclass(frozen=True, slots=True)
class OpenedBackup:
    """A backup whose manifest was read, and whose dump matches the manifest.

    `objects` is the manifest, positioned at the first object. `dump` is still encrypted.
    """

    name: str
    facts: BackupManifest
    objects: IO[bytes]
    dump: Path
    identities: Sequence[Any]


@asynccontextmanager
async def open_backup(
    place: BackupPlace, name: str | None, identities: Sequence[Any], work_folder: Path
) -> AsyncIterator[OpenedBackup]:
    """Fetch a backup and check it. Without a name it is the newest. Raises BackupError."""
    chosen = await to_thread.run_sync(_choose, place, name)
    with (
        temporary_folder(await to_thread.run_sync(make_folder, work_folder)) as folder,
        tempfile.TemporaryFile(dir=folder) as plain,
    ):
        manifest = await to_thread.run_sync(place.fetch, chosen + MANIFEST, folder)
        await to_thread.run_sync(_decrypt_manifest, manifest, plain, identities)
        facts = read_facts(plain)
        dump = await to_thread.run_sync(place.fetch, chosen + DUMP, folder)
        await to_thread.run_sync(_ensure_dump_matches, dump, facts)
        yield OpenedBackup(chosen, facts, plain, dump, identities)


def _choose(place: BackupPlace, name: str | None) -> str:
    if name is not None:
        made_at(name)
        return name
    finished = list_backups(place.names())
    if not finished:
        raise BackupError(f"there is no backup in {place}")
    return finished[-1]


def _decrypt_manifest(manifest: Path, plain: IO[bytes], identities: Sequence[Any]) -> None:
    with manifest.open("rb") as source:
        decrypt(source, plain, identities, "the manifest")
    plain.seek(0)


def _ensure_dump_matches(dump: Path, facts: BackupManifest) -> None:
    """Raises BackupError if the dump is not the file that the manifest was written for.

    Encryption does not prove this: anyone can encrypt another file for the public key.
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
    """Fill a database. Raises BackupError if it is not empty, unless `replace` is true.

    All of it is one transaction, so a failure leaves the database as it was. If the connection is
    lost at the commit, the error says that it may have changed. All objects belong to
    the role that restores: the old server's roles may not exist here. Then all sessions are ended.
    """
    async with connect_without_timeout(database_url) as connection:
        major = connection.get_server_version().major
        present = set(await table_names(connection))
    _ensure_may_fill(present, backup.facts, replace=replace)
    at_least = max(major, backup.facts.server_major)
    pg_restore, psql = [
        await to_thread.run_sync(find_program, name, at_least, database_url)
        for name in ("pg_restore", "psql")
    ]
    clean = ["--clean", "--if-exists"] if replace else []
    scripting = [pg_restore, "--file=-", "--no-owner", "--no-privileges", *clean]
    running = [psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    begin = _BEGIN.format(lock_wait=LOCK_WAIT) + (_EMPTY_PUBLIC if replace else "")
    environment = environment_for(database_url)
    await to_thread.run_sync(_fill, backup, scripting, running, begin, environment)
    await _finish(database_url)


async def _end_sessions(connection: asyncpg.Connection) -> None:
    """End all sessions of a restored database. The rows stay, as those of a sign-out do.

    A backup holds sessions that have ended since: users signed out, changed their password or were
    suspended. With a refresh token of that time, its holder could sign in again. The backup does
    not know which tokens were used since, so a stolen one could not be detected either.
    """
    async with connection.transaction():
        await connection.execute(_END)
        await connection.execute(_FORGET_DEVICES)


async def _finish(database_url: str) -> None:
    """Ends the restored sessions. Raises BackupError if one may still be used."""
    try:
        async with connect_without_timeout(database_url) as connection:
            await connection.execute("ANALYZE")
            await _end_sessions(connection)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise BackupError(
            f"the tables are restored, but old sessions may go on ({type(error).__name__}); "
            "start nothing, and restore again with --replace"
        ) from None


def _ensure_may_fill(present: set[str], facts: BackupManifest, *, replace: bool) -> None:
    """Raises BackupError if a restore would mix the backup with tables that are there."""
    if present and not replace:
        raise BackupError(
            f"the database is not empty ({len(present)} tables); nothing was touched. "
            "Restore into an empty one, or say --replace"
        )
    others = {name for name in present if not name.startswith("public.")}
    unknown = sorted(others - set(facts.tables))
    if unknown:
        raise BackupError(
            "the database has tables in other schemas that the backup does not know "
            f"({', '.join(unknown)}); drop them first, or restore into an empty database"
        )


def _fill(
    backup: OpenedBackup,
    scripting: list[str],
    running: list[str],
    begin: str,
    environment: dict[str, str],
) -> None:
    """Pipes the script of pg_restore into psql, and commits once all of it has run."""
    with tempfile.TemporaryFile() as errors:
        psql = subprocess.Popen(  # noqa: S603 - The caller made the command.
            running,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        assert psql.stdin is not None
        is_asked_to_commit = False
        try:
            _say(psql.stdin, begin)
            status = _run_pg_restore(backup, scripting, environment, psql.stdin, errors)
            if status == 0:
                is_asked_to_commit = True
                _say(psql.stdin, "COMMIT;\n")
                _close(psql.stdin)
                status = psql.wait()
            elif _has_ended(psql):
                # It failed first, and then pg_restore had no reader.
                status = psql.returncode
        finally:
            # Without COMMIT, the server rolls back.
            psql.kill()
            _close(psql.stdin)
            psql.wait()
        if status != 0:
            reason = reason_of(status, errors)
            if is_asked_to_commit and status != _SQL_ERROR:
                raise BackupError(
                    f"the restore may have changed the database, or not ({reason}); "
                    "start nothing, and restore again with --replace"
                )
            raise BackupError(f"the restore failed, and changed nothing: {reason}")


def _say(pipe: IO[bytes], words: str) -> None:
    """Ignores a program that has ended: its exit status says why."""
    with suppress(BrokenPipeError):
        pipe.write(words.encode())
        pipe.flush()


def _close(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):
        pipe.close()


def _run_pg_restore(
    backup: OpenedBackup,
    command: list[str],
    environment: dict[str, str],
    script: IO[bytes],
    errors: IO[bytes],
) -> int:
    """Decrypt the dump into pg_restore's input, so that it never lies on the disk unencrypted.

    Returns its exit status. Raises BackupError if the dump is damaged.
    """
    with backup.dump.open("rb") as encrypted:
        process = subprocess.Popen(  # noqa: S603 - The caller made the command.
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=script,
            stderr=errors,
        )
        try:
            damage = _feed(process, encrypted, backup.identities)
        finally:
            status = process.wait()
    if damage is not None:
        raise damage
    return status


def _feed(
    process: "subprocess.Popen[bytes]", encrypted: IO[bytes], identities: Sequence[Any]
) -> BackupError | None:
    """Write the decrypted dump to pg_restore and close its input. Returns what is wrong with it.

    If pg_restore fails on its own, the dump can't be written to it: then its status says why.
    """
    assert process.stdin is not None
    try:
        decrypt(encrypted, process.stdin, identities, "the dump")
    except BackupError as error:
        if _has_ended(process):
            return None if process.returncode != 0 else error
        process.kill()
        return error
    except BaseException:
        process.kill()
        raise
    finally:
        _close(process.stdin)
    return None


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        return False
    return True


@asynccontextmanager
async def scratch_database(server_url: str) -> AsyncIterator[str]:
    """Create an empty database on a server, and drop it afterwards. Raises BackupError."""
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
        await drop_database(server_url, name)


async def drop_database(server_url: str, name: str) -> None:
    """Ends this role's connections to the database, and drops it. It must be the role's own."""
    async with connect_without_timeout(server_url) as connection:
        try:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        except asyncpg.InsufficientPrivilegeError:
            # FORCE may not end an autovacuum worker, which belongs to the superuser, and then ends
            # nothing. Without FORCE the server ends that worker itself, but it only waits five
            # seconds for the others: what a killed client has sent may run for longer.
            await connection.execute(_END_CONNECTIONS, name)
            await connection.execute(f"DROP DATABASE {name}")


async def _execute(server_url: str, statement: str) -> None:
    async with connect_without_timeout(server_url) as connection:
        await connection.execute(statement)
