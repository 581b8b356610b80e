"""`linky export community` and `linky import community`: all that an installation has, as files.

    community.json      what is here; written last
    users.jsonl         the accounts in the form that `linky import users` reads
    tables/NAME.jsonl   the rows of each table
    pictures/KEY        the objects of the store

Rows keep their ids and times, so links and cursors lead where they did.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import batched
from pathlib import Path
from typing import Any

import asyncpg
from anyio import to_thread
from sqlalchemy import MetaData, Table

from app.core.days import rfc3339
from app.core.json import to_json
from app.core.passwords.foreign import password_form
from app.core.version import app_version
from app.integrations.storage import HIDDEN, Storage
from app.integrations.storage.keys import is_picture_key
from app.operations.backup.inventory import connect_without_timeout
from app.operations.backup.pictures import PREFIXES
from app.user.enums import Door, Role, UserStatus

FORMAT = 1
BATCH = 500
MANIFEST = "community.json"

_BOUND_HERE = "It belongs to this installation's sessions or keys: users sign in again."
_MOMENTARY = "It ends by itself within days."
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

_LEAVING = "SELECT count(*) FROM users WHERE left_at IS NOT NULL"
_IS_FILLED = "SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM lounges)"
_USERS = f"""
    SELECT u.id::text, u.email, u.email_verified_at IS NOT NULL AS email_verified, u.nickname,
        u.password_hash, coalesce(u.joined_at, u.created_at) AS created_at,
        array(
            SELECT ARRAY[provider, subject] FROM user_identities d
            WHERE d.user_id = u.id AND d.provider <> '{Door.EMAIL}' ORDER BY created_at
        ) AS doors
    FROM users u WHERE u.role <> '{Role.GUEST}' AND u.status = '{UserStatus.ACTIVE}' ORDER BY u.id
"""  # noqa: S608 - Of our own words.

type OnProgress = Callable[[int, int], None]


class CantMove(Exception):
    """Why a community can't be exported or imported, for the operator."""


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
            rows = connection.cursor(_select(table), prefetch=BATCH)
            written = await _write(folder / "tables" / f"{table.name}.jsonl", _texts(rows))
            done += written
            on_progress(done, total)
        users = connection.cursor(_USERS, prefetch=BATCH)
        await _write(folder / "users.jsonl", _user_lines(users))
    pictures = 0
    for number, key in enumerate(keys, start=done + 1):
        # One that was deleted since belongs to no row any more.
        if (data := await storage.read(key)) is not None:
            await to_thread.run_sync(_keep, folder / "pictures" / key, data)
            pictures += 1
        on_progress(number, total)
    facts = {
        "format": FORMAT,
        "version": app_version(),
        "tables": {
            table.name: {"columns": _columns(table), "rows": counts[table.name]} for table in tables
        },
        "pictures": pictures,
    }
    (folder / MANIFEST).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _begin(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise CantMove(f"{folder} is not empty")
    for part in ("tables", "pictures"):
        # The files have what opens accounts.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / part).mkdir(exist_ok=True)


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
        doors = [{"provider": provider, "subject": subject} for provider, subject in row["doors"]]
        if row["email"] is None and not doors:
            continue
        fields = {
            "id": row["id"],
            "email": row["email"],
            "email_verified": row["email_verified"],
            "nickname": row["nickname"],
            "password": password_form(row["password_hash"]) if row["email"] else None,
            "doors": doors,
            "created_at": rfc3339(row["created_at"]),
        }
        yield to_json({name: value for name, value in fields.items() if value is not None})


async def _write(path: Path, texts: AsyncIterator[bytes]) -> int:
    written = 0
    with path.open("wb") as file:
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
    ]


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


# Import


async def import_community(
    url: str, metadata: MetaData, storage: Storage, folder: Path, on_progress: OnProgress
) -> None:
    """Fill an empty installation. The rows come in one transaction, after the pictures.

    After an interruption it can run again. Raises CantMove, OSError.
    """
    tables = moved_tables(metadata)
    facts = _facts(folder, tables)
    async with _connected(url, writing=True) as connection:
        if await connection.fetchval(_IS_FILLED):
            raise CantMove("the database has users or lounges; take an empty one")
        rows = sum(each["rows"] for each in facts["tables"].values())
        total, done = max(1, facts["pictures"] + rows), 0
        for key, path in _pictures_in(folder / "pictures"):
            await storage.put(key, await to_thread.run_sync(path.read_bytes), "image/webp")
            done += 1
            on_progress(min(done, total), total)
        if done != facts["pictures"]:
            raise CantMove(f"pictures/ has {done} files instead of {facts['pictures']}")
        for table in tables:
            if table.name not in facts["tables"]:
                continue
            try:
                done += await _load(connection, table, facts["tables"][table.name], folder)
            except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError):
                raise CantMove(f"tables/{table.name}.jsonl is damaged") from None
            on_progress(min(done, total), total)
        # The second step itself stays behind: its secret is sealed with keys of that installation.
        await connection.execute("UPDATE users SET mfa_since = NULL WHERE mfa_since IS NOT NULL")


def _facts(folder: Path, tables: Sequence[Table]) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise CantMove(f"{folder} has no {MANIFEST}: it is no export, or one that did not finish")
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    known = {table.name: _columns(table) for table in tables}
    if facts.get("format") != FORMAT or not _is_known(facts["tables"], known):
        raise CantMove(f"the export is of release {facts.get('version')}; this is {app_version()}")
    return facts


def _is_known(tables: Mapping[str, Mapping[str, Any]], known: Mapping[str, list[str]]) -> bool:
    return all(
        name in known and set(each["columns"]) <= set(known[name]) for name, each in tables.items()
    )


async def _load(
    connection: asyncpg.Connection, table: Table, facts: Mapping[str, Any], folder: Path
) -> int:
    """Returns how many rows the table has."""
    name, columns = table.name, _listed(facts["columns"])
    if name != NEVER_DELETED:
        # What a migration or a trigger has written.
        await connection.execute(f'DELETE FROM "{name}"')  # noqa: S608
    loaded = 0
    for lines in batched(_lines_of(folder / "tables" / f"{name}.jsonl"), BATCH, strict=False):
        await connection.execute(
            f'INSERT INTO "{name}" ({columns}) SELECT {columns}'  # noqa: S608
            f' FROM json_populate_recordset(NULL::"{name}", $1::json)',
            "[" + ",".join(lines) + "]",
        )
        loaded += len(lines)
    if loaded != facts["rows"]:
        raise CantMove(f"tables/{name}.jsonl has {loaded} lines instead of {facts['rows']}")
    return loaded


def _lines_of(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        yield from file


def _pictures_in(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*.webp")):
        key = path.relative_to(folder).as_posix()
        if path.is_file() and is_picture_key(key.removeprefix(HIDDEN)):
            yield key, path


@asynccontextmanager
async def _connected(url: str, *, writing: bool = False) -> AsyncIterator[asyncpg.Connection]:
    """A connection in one transaction that sees one moment."""
    async with (
        connect_without_timeout(url) as connection,
        connection.transaction(isolation="repeatable_read", readonly=not writing),
    ):
        yield connection
