"""`linky export community` and `linky import community`: all that an installation has, as files.

    community.json      what is here; written last
    users.jsonl         the accounts in the form that `linky import users` reads
    tables/NAME.jsonl   the rows of each table
    pictures/KEY        the objects of the store

Rows keep their ids and times, so links and cursors lead where they did. Whoever wrote the folder
decides what the community says and who its admins are, and nothing of the machine that imports it:
`archive.py` and `rows.py` refuse the rest.
"""

import json
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import asyncpg
from anyio import to_thread
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import MetaData, Table

from app.core.days import rfc3339
from app.core.json import to_json
from app.core.passwords.foreign import password_form
from app.core.version import app_version
from app.integrations.storage.base import Storage
from app.integrations.storage.keys import HIDDEN, is_picture_key
from app.jobs.enqueue import enqueue_on
from app.operations.backup.inventory import connect_without_timeout
from app.operations.backup.pictures import PREFIXES
from app.operations.move.archive import Archive, CantMove
from app.operations.move.rows import rows_of
from app.reports.service import CHECK_NICKNAMES, NicknamesAfter
from app.suspension.service.hiding import SETTLE_CONTENT, ContentOf
from app.user.enums import Role, SignInMethod, UserStatus

FORMAT = 1
EXPORT_BATCH_ROWS = 500
BATCH_BYTES = 16 * 1024 * 1024
MANIFEST = "community.json"
MANIFEST_BYTES = 1024 * 1024

_BOUND_HERE = "It belongs to this installation's sessions or keys: users sign in again."
_MOMENTARY = "It ends automatically within days."
LEFT_OUT = {
    **dict.fromkeys(
        (
            *("auth_provider_tokens", "auth_recovery_codes", "auth_totp", "auth_mail_tokens"),
            *("desk_claims", "refresh_tokens", "undoable_acts", "user_devices", "user_sessions"),
            *("oauth_attempts", "oauth_exchange_codes", "auth_nonces"),
        ),
        _BOUND_HERE,
    ),
    **dict.fromkeys(
        ("auth_sent_mails", "auth_wrong_passwords", "idempotency_keys", "sent_pushes"), _MOMENTARY
    ),
    "user_departures": "Nothing is exported while accounts are being erased.",
    "banned_words_version": "A trigger of the words writes it.",
}
"""Tables that stay behind, and why."""

NEVER_DELETED = "audit_log"
"""The database refuses to. In an installation without users it is empty, or too old to matter."""

_PICTURES = "pictures"
_WRONG_ROWS = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    # What is no text of a search, and what is too long for an index.
    *(asyncpg.PostgresSyntaxError, asyncpg.ProgramLimitExceededError),
)

_LEAVING = "SELECT count(*) FROM users WHERE left_at IS NOT NULL"
_IS_FILLED = "SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM lounges)"
_USERS = f"""
    SELECT u.id::text, u.email, u.email_verified_at IS NOT NULL AS email_verified, u.nickname,
        u.password_hash, coalesce(u.joined_at, u.created_at) AS created_at,
        array(
            SELECT ARRAY[provider, subject] FROM user_identities i
            WHERE i.user_id = u.id AND i.provider <> '{SignInMethod.EMAIL}' ORDER BY created_at
        ) AS methods
    FROM users u WHERE u.role <> '{Role.GUEST}' AND u.status = '{UserStatus.ACTIVE}' ORDER BY u.id
"""  # noqa: S608 - Of our own words.

_UNSETTLED = f"""
    SELECT id FROM users WHERE status = '{UserStatus.SUSPENDED}' AND suspension_hides
    UNION SELECT author_id FROM posts WHERE hidden_with_author AND deleted_at IS NULL
    UNION SELECT author_id FROM comments WHERE hidden_with_author AND deleted_at IS NULL
"""  # noqa: S608 - Of our own words.
"""Users whose content was being hidden or shown, perhaps. The jobs stayed behind (ADR 0080)."""

type OnProgress = Callable[[int, int], None]


class TableFacts(BaseModel):
    columns: Annotated[list[str], Field(min_length=1)]
    rows: Annotated[int, Field(ge=0)]


class CommunityManifest(BaseModel):
    """What MANIFEST says."""

    format: int
    version: str
    tables: dict[str, TableFacts]
    pictures: Annotated[int, Field(ge=0)]


def moved_tables(metadata: MetaData) -> list[Table]:
    """In an order in which each row finds those that it points to."""
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


# Export


async def export_community(
    url: str, metadata: MetaData, storage: Storage, folder: Path, on_progress: OnProgress
) -> None:
    """Write everything into a new or empty folder. Raises CantMove, OSError."""
    _begin(folder)
    async with _connected(url) as connection:
        if leaving := await connection.fetchval(_LEAVING):
            raise CantMove(f"{leaving} accounts are being erased; try again in a minute")
        tables = moved_tables(metadata)
        counts = {
            table.name: await connection.fetchval(f'SELECT count(*) FROM "{table.name}"')  # noqa: S608
            for table in tables
        }
        keys = await _picture_keys(storage)
        total, done = max(1, sum(counts.values()) + len(keys)), 0
        for table in tables:
            rows = connection.cursor(_select(table), prefetch=EXPORT_BATCH_ROWS)
            written = await _write(folder / "tables" / f"{table.name}.jsonl", _texts(rows))
            done += written
            on_progress(done, total)
        users = connection.cursor(_USERS, prefetch=EXPORT_BATCH_ROWS)
        await _write(folder / "users.jsonl", _user_lines(users))
    pictures = 0
    for number, key in enumerate(keys, start=done + 1):
        # One that was deleted since belongs to no row any more.
        if (data := await storage.read(key)) is not None:
            await to_thread.run_sync(_keep, folder / _PICTURES / key, data)
            pictures += 1
        on_progress(number, total)
    facts = CommunityManifest(
        format=FORMAT,
        version=app_version(),
        tables={
            table.name: TableFacts(columns=_columns(table), rows=counts[table.name])
            for table in tables
        },
        pictures=pictures,
    )
    with _new_file(folder / MANIFEST) as file:
        file.write(json.dumps(facts.model_dump(), indent=1).encode() + b"\n")


def _begin(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise CantMove(f"{folder} is not empty")
    # The files have what opens accounts.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for part in ("tables", _PICTURES):
        (folder / part).mkdir(mode=0o700, exist_ok=True)


def _new_file(path: Path) -> BinaryIO:
    """One that only its owner may read, also where it is copied to."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.computed is None]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _select(table: Table) -> str:
    """Rows that point to others of their table come after those."""
    of_own = [
        f'"{column.name}" NULLS FIRST'
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]
    order = ", ".join([*of_own, *(f'"{column.name}"' for column in table.primary_key)])
    columns = _listed(_columns(table))
    return (
        f'SELECT row_to_json(each)::text FROM (SELECT {columns} FROM "{table.name}"'  # noqa: S608
        f" ORDER BY {order}) AS each"
    )


async def _texts(rows: Any) -> AsyncIterator[bytes]:
    async for row in rows:
        yield row[0].encode()


async def _user_lines(rows: Any) -> AsyncIterator[bytes]:
    async for row in rows:
        methods = [{"provider": name, "subject": subject} for name, subject in row["methods"]]
        if row["email"] is None and not methods:
            continue
        fields = {
            "id": row["id"],
            "email": row["email"],
            "email_verified": row["email_verified"],
            "nickname": row["nickname"],
            "password": password_form(row["password_hash"]) if row["email"] else None,
            "doors": methods,
            "created_at": rfc3339(row["created_at"]),
        }
        yield to_json({name: value for name, value in fields.items() if value is not None})


async def _write(path: Path, texts: AsyncIterator[bytes]) -> int:
    written = 0
    with _new_file(path) as file:
        async for text in texts:
            file.write(text + b"\n")
            written += 1
    return written


async def _picture_keys(storage: Storage) -> list[str]:
    """A picture that is hidden meanwhile is found at its old place, its new one, or both."""
    return [
        listed.key
        for prefix in PREFIXES
        async for objects in storage.list_objects(prefix)
        for listed in objects
        # Another program may have put something beside them.
        if _names_picture(listed.key)
    ]


def _names_picture(key: str) -> bool:
    return is_picture_key(key.removeprefix(HIDDEN))


def _keep(path: Path, data: bytes) -> None:
    for folder in reversed(path.parents):
        folder.mkdir(mode=0o700, exist_ok=True)
    with _new_file(path) as file:
        file.write(data)


# Import


async def import_community(
    url: str, metadata: MetaData, storage: Storage, folder: Path, on_progress: OnProgress
) -> None:
    """Fill an empty installation. The rows come in one transaction, after the pictures.

    After an interruption it can run again. Raises CantMove, OSError.
    """
    tables, archive = moved_tables(metadata), Archive(folder)
    facts = _facts(archive, tables)
    async with _connected(url, writing=True) as connection:
        if await connection.fetchval(_IS_FILLED):
            raise CantMove("the database has users or lounges; take an empty one")
        keys = [
            key
            for name in archive.names(_PICTURES)
            if _names_picture(key := name.removeprefix(f"{_PICTURES}/"))
        ]
        if len(keys) != facts.pictures:
            raise CantMove(f"pictures/ has {len(keys)} files instead of {facts.pictures}")
        total = max(1, facts.pictures + sum(each.rows for each in facts.tables.values()))
        for done, key in enumerate(keys, start=1):
            data = await to_thread.run_sync(_read_picture, archive, f"{_PICTURES}/{key}")
            await storage.put(key, data, "image/webp")
            on_progress(done, total)
        done = len(keys)
        for table in tables:
            if table.name not in facts.tables:
                continue
            try:
                done += await _load(connection, table, facts.tables[table.name], archive)
            except _WRONG_ROWS:
                raise CantMove(f"tables/{table.name}.jsonl is damaged") from None
            on_progress(done, total)
        # The second step itself stays behind: its secret is sealed with keys of that installation.
        await connection.execute("UPDATE users SET mfa_since = NULL WHERE mfa_since IS NOT NULL")
        unsettled = [ContentOf(row["id"]) for row in await connection.fetch(_UNSETTLED)]
        await enqueue_on(connection, SETTLE_CONTENT, unsettled, urgent=True)
        # An older release did not check them.
        await enqueue_on(connection, CHECK_NICKNAMES, [NicknamesAfter()])


def _facts(archive: Archive, tables: Sequence[Table]) -> CommunityManifest:
    if not archive.has(MANIFEST):
        raise CantMove(f"there is no {MANIFEST}: it is no export, or one that did not finish")
    try:
        facts = CommunityManifest.model_validate_json(archive.read(MANIFEST, MANIFEST_BYTES))
    except ValidationError:
        raise CantMove(f"{MANIFEST} is damaged") from None
    known = {table.name: _columns(table) for table in tables}
    if facts.format != FORMAT or not _is_known(facts.tables, known):
        raise CantMove(f"the export is of release {facts.version[:20]!r}; this is {app_version()}")
    return facts


def _is_known(tables: Mapping[str, TableFacts], known: Mapping[str, list[str]]) -> bool:
    return all(
        name in known and set(each.columns) <= set(known[name]) for name, each in tables.items()
    )


def _read_picture(archive: Archive, name: str) -> bytes:
    # It loads Pillow.
    from app.integrations.pictures.rendering import (
        LARGEST_RENDITION,
        BrokenPicture,
        UnsupportedPicture,
        ensure_rendition,
    )

    data = archive.read(name, LARGEST_RENDITION)
    try:
        ensure_rendition(data)
    except (BrokenPicture, UnsupportedPicture):
        raise CantMove(f"{name} isn't one of our images") from None
    return data


async def _load(
    connection: asyncpg.Connection, table: Table, facts: TableFacts, archive: Archive
) -> int:
    """Returns how many rows the table has."""
    name, columns = table.name, _listed(facts.columns)
    if name != NEVER_DELETED:
        # What a migration or a trigger has written.
        await connection.execute(f'DELETE FROM "{name}"')  # noqa: S608
    loaded = 0
    for rows in _batches(rows_of(archive, table, facts.columns)):
        await connection.execute(
            f'INSERT INTO "{name}" ({columns}) SELECT {columns}'  # noqa: S608
            f' FROM json_populate_recordset(NULL::"{name}", $1::json)',
            f"[{b','.join(rows).decode()}]",
        )
        loaded += len(rows)
    if loaded != facts.rows:
        raise CantMove(f"tables/{name}.jsonl has {loaded} lines instead of {facts.rows}")
    return loaded


def _batches(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Of EXPORT_BATCH_ROWS rows, or fewer if those are long."""
    batch, size = list[bytes](), 0
    for row in rows:
        batch.append(row)
        size += len(row)
        if len(batch) == EXPORT_BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@asynccontextmanager
async def _connected(url: str, *, writing: bool = False) -> AsyncIterator[asyncpg.Connection]:
    """A connection in one transaction that sees one moment."""
    async with (
        connect_without_timeout(url) as connection,
        connection.transaction(isolation="repeatable_read", readonly=not writing),
    ):
        yield connection
