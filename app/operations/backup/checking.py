"""Checks that a restored database equals the one that was dumped, and that its pictures exist.

The keys of manifest and store are copied into temporary tables of the restored database, which
compares millions of them by joins.
"""

import hashlib
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

import asyncpg
from anyio import to_thread

from app.core import migrations
from app.core.unavailable import is_unavailable
from app.integrations.storage.base import Storage
from app.integrations.storage.keys import HIDDEN
from app.operations.backup.inventory import connect_without_timeout, take_inventory
from app.operations.backup.manifest import ListedObject, read_objects
from app.operations.backup.pictures import NAMED_KEYS, PREFIXES
from app.operations.backup.restoring import EMPTIED, OpenedBackup

MAX_KEYS_SHOWN = 10
"""How many keys a finding names. It only counts the others."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: whether it is right, and what was seen."""

    is_right: bool
    words: str


def finding(problems: Iterable[str], right: str) -> Finding:
    """Right if there are no problems. Otherwise the finding names them."""
    words = "; ".join(problems)
    return Finding(not words, words or right)


def shorten(keys: Sequence[str]) -> str:
    """The first keys by name, and the number of the others."""
    rest = len(keys) - MAX_KEYS_SHOWN
    return ", ".join(keys[:MAX_KEYS_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


OBJECT_BATCH = 1000

# Since the backup a picture may have been hidden or restored, which moves its object. `picture`
# is the key without that prefix, so that the object counts as the same at both keys.
_PICTURE = f"picture text GENERATED ALWAYS AS (regexp_replace(key, '^{HIDDEN}', '')) STORED"
# Temporary tables: only this connection sees them, and they end with it.
_TABLES = f"""
    CREATE TEMP TABLE kept (key text PRIMARY KEY, size bigint, kind text, digest text, {_PICTURE});
    CREATE TEMP TABLE present (key text PRIMARY KEY, size bigint, etag text, {_PICTURE});
    CREATE INDEX ON kept (picture);
    CREATE INDEX ON present (picture)
"""
_COLUMNS = {"kept": ["key", "size", "kind", "digest"], "present": ["key", "size", "etag"]}
_MISSING = """
    SELECT DISTINCT kept.picture FROM kept LEFT JOIN present USING (picture)
    WHERE present.key IS NULL ORDER BY kept.picture
"""
# A picture that was shown again during the listing may have been at neither key. It counts as
# listed if the store has it now.
_NOT_LISTED = f"""
    SELECT named.key FROM ({NAMED_KEYS}) AS named
    LEFT JOIN kept ON kept.picture = named.key LEFT JOIN present ON present.picture = named.key
    WHERE kept.key IS NULL AND present.key IS NULL ORDER BY named.key
"""  # noqa: S608 - It is made of constants.
_STILL_NAMED = f"SELECT key FROM ({NAMED_KEYS}) AS named WHERE key = ANY($1)"  # noqa: S608
_PRESENT_KEYS = "SELECT key FROM kept JOIN present USING (key)"
_SAMPLE = """
    SELECT key, kept.size, kept.kind, kept.digest, present.etag
    FROM kept JOIN present USING (key) WHERE key = ANY($1)
"""
_OPEN = "SELECT count(*) FROM user_sessions WHERE ended_at IS NULL"


async def check_restored(
    backup: OpenedBackup,
    database_url: str,
    storage: Storage,
    *,
    live_url: str | None,
    sample: int,
    migrate: bool,
) -> list[Finding]:
    """Compare a database with the backup that it was restored from, and the store with both.

    `live_url` is the database in use, if there is one: it tells a picture that its owner has erased
    since the backup from a lost one. With `migrate` an older database is migrated, to see that this
    works. Raises StorageError if the store is away.
    """
    async with connect_without_timeout(database_url) as connection:
        findings = await _check_inventory(connection, backup)
        findings.append(await check_sessions(connection))
        findings += await _check_objects(connection, backup, storage, live_url, sample)
    findings.append(await _check_release(backup, database_url, migrate=migrate))
    return findings


async def _check_inventory(connection: asyncpg.Connection, backup: OpenedBackup) -> list[Finding]:
    inventory, facts = await take_inventory(connection), backup.facts
    expected = facts.tables | dict.fromkeys(EMPTIED & facts.tables.keys(), 0)
    wrong_tables = [
        f"{name}: {inventory.tables.get(name, 'none')} instead of {count}"
        for name, count in expected.items()
        if inventory.tables.get(name) != count
    ]
    rows = sum(expected.values())
    return [
        finding(wrong_tables, f"{rows} rows in {len(expected)} tables, as were dumped"),
        finding(
            inventory.invalid
            or _difference("constraints", inventory.constraints, facts.constraints)
            or _difference("indexes", inventory.indexes, facts.indexes),
            f"{facts.constraints} constraints and {facts.indexes} indexes, all valid",
        ),
        finding(
            _difference("revision", inventory.revision, facts.revision),
            f"the schema is at revision {facts.revision}",
        ),
    ]


def _difference(what: str, actual: object, expected: object) -> list[str]:
    return [] if actual == expected else [f"{what}: {actual} instead of {expected}"]


async def check_sessions(connection: asyncpg.Connection) -> Finding:
    left: int = await connection.fetchval(_OPEN)
    return finding(
        [f"{left} sessions of the backup have not ended"] if left else [],
        "all sessions have ended, so every user signs in once",
    )


async def _check_release(backup: OpenedBackup, database_url: str, *, migrate: bool) -> Finding:
    """Opens the restored database with this release, after a migration if `migrate`."""
    revision, head = backup.facts.revision, migrations.head()
    if revision == head:
        return Finding(True, "this release runs on it as it is")
    if not migrations.is_known(revision):
        return Finding(
            False,
            f"revision {revision} is not known to this release: the backup is of a newer one "
            f"({backup.facts.linky_version})",
        )
    if not migrate:
        return Finding(True, f"`linky migrate` brings it from {revision} to {head}")
    await to_thread.run_sync(migrations.upgrade, database_url)
    return Finding(True, f"it was migrated from {revision} to {head}")


async def _check_objects(
    connection: asyncpg.Connection,
    backup: OpenedBackup,
    storage: Storage,
    live_url: str | None,
    sample: int,
) -> list[Finding]:
    """Compare the manifest with the restored rows and with the store. Raises StorageError."""
    await connection.execute(_TABLES)
    await _copy(connection, "kept", _kept_rows(backup))
    await _copy(connection, "present", _present_rows(storage))
    return [
        await _check_rows_are_listed(connection, live_url),
        await _check_store_has_all(connection, live_url, backup.facts.objects),
        await _check_sample(connection, storage, sample),
    ]


async def _copy(connection: asyncpg.Connection, table: str, rows: AsyncIterator[Any]) -> None:
    await connection.copy_records_to_table(
        table, records=rows, columns=_COLUMNS[table], schema_name="pg_temp"
    )


async def _kept_rows(backup: OpenedBackup) -> AsyncIterator[tuple[Any, ...]]:
    for listed in read_objects(backup.objects):
        yield (listed.key, listed.size, listed.kind, listed.digest)


async def _present_rows(storage: Storage) -> AsyncIterator[tuple[Any, ...]]:
    for prefix in PREFIXES:
        async for batch in storage.list_objects(prefix):
            for stored in batch:
                yield (stored.key, stored.size, stored.etag)


async def _check_rows_are_listed(connection: asyncpg.Connection, live_url: str | None) -> Finding:
    """Find pictures whose object was missing from the store when the backup was made.

    The objects are listed after the dump. One that was erased in between is not lost: the database
    in use does not name it any more.
    """
    right = "each image of a row was listed, or is in the store"
    unlisted = [row[0] for row in await connection.fetch(_NOT_LISTED)]
    if not unlisted:
        return Finding(True, right)
    still_named = await _find_still_named(live_url, unlisted)
    if still_named is None:
        return Finding(
            False,
            f"{len(unlisted)} pictures were not listed (they were lost before, or erased while it "
            f"was made: the database in use does not answer): {shorten(unlisted)}",
        )
    if still_named:
        return Finding(
            False,
            f"{len(still_named)} images had no object already when it was made: "
            f"{shorten(still_named)}",
        )
    return Finding(
        True,
        f"{right}; {len(unlisted)} were erased in the meantime, as the database in use says",
    )


async def _check_store_has_all(
    connection: asyncpg.Connection, live_url: str | None, count: int
) -> Finding:
    """Find objects that the manifest lists and the store has lost since."""
    missing = [row[0] for row in await connection.fetch(_MISSING)]
    if not missing:
        return Finding(True, f"{count} objects, all in the store")
    still_named = await _find_still_named(live_url, missing)
    if still_named is None:
        return Finding(
            False,
            f"{len(missing)} objects are not in the store (they may be lost or erased: the "
            f"database in use does not answer): {shorten(missing)}",
        )
    if still_named:
        return Finding(False, f"{len(still_named)} objects are lost: {shorten(still_named)}")
    return Finding(
        True, f"{count} objects; {len(missing)} were erased since, as the database in use says"
    )


async def _find_still_named(live_url: str | None, keys: list[str]) -> list[str] | None:
    """The keys that rows of the database in use still name. None if it can't be asked."""
    if live_url is None:
        return None
    try:
        async with connect_without_timeout(live_url) as live:
            named: list[str] = []
            for batch in batched(keys, OBJECT_BATCH, strict=False):
                named += [row[0] for row in await live.fetch(_STILL_NAMED, batch)]
            return named
    except asyncpg.UndefinedTableError:
        return None
    except Exception as error:
        if is_unavailable(error):
            return None
        raise


async def _check_sample(connection: asyncpg.Connection, storage: Storage, sample: int) -> Finding:
    """Read some objects, and compare their content with the manifest."""
    keys = [row[0] for row in await connection.fetch(_PRESENT_KEYS)]
    chosen = random.sample(keys, min(sample, len(keys)))
    rows = await connection.fetch(_SAMPLE, chosen)
    compared = [await _compare(storage, ListedObject(*row[:4]), row["etag"]) for row in rows]
    # An ETag is the MD5 of the content, except where KMS encrypts the object. There no hash of
    # ours can equal it, and it must be enough that the ETag has not changed.
    etags_are_md5 = any(comparison.hash_is_right for comparison in compared)
    wrong = [
        comparison.key
        for comparison in compared
        if not (comparison.hash_is_right or (comparison.etag_is_the_same and not etags_are_md5))
    ]
    problem = f"{len(wrong)} of {len(rows)} objects differ from what they were: {shorten(wrong)}"
    return finding([problem] if wrong else [], f"{len(rows)} objects read, and each is what it was")


@dataclass(frozen=True, slots=True)
class _Comparison:
    key: str
    hash_is_right: bool
    etag_is_the_same: bool


async def _compare(storage: Storage, kept: ListedObject, etag: str | None) -> _Comparison:
    data = await storage.read(kept.key)
    if data is None or len(data) != kept.size:
        return _Comparison(kept.key, hash_is_right=False, etag_is_the_same=False)
    algorithm = "md5" if kept.kind == "etag" else kept.kind
    digest = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
    is_same_etag = kept.kind == "etag" and etag == kept.digest
    return _Comparison(kept.key, digest == kept.digest, is_same_etag)
