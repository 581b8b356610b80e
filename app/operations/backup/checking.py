"""Whether a restored database is the one that was dumped, and its pictures are there."""

import hashlib
import random
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from itertools import batched
from typing import Any

import asyncpg
from anyio import to_thread

from app.core import migrations
from app.core.unavailable import is_unavailable
from app.integrations.storage import HIDDEN, Storage
from app.operations.backup.census import patient_connection, take_census
from app.operations.backup.making import PREFIXES
from app.operations.backup.manifest import ListedObject, read_objects
from app.operations.backup.restoring import OpenedBackup

MOST_NAMED = 10
"""How many missing objects are named; the rest is counted."""

BATCH = 1000

# A picture may have been hidden or restored since the backup. It counts as the same at either
# place.
_PICTURE = f"picture text GENERATED ALWAYS AS (regexp_replace(key, '^{HIDDEN}', '')) STORED"
# Temporary, so that they are nobody's but this connection's, and go with it.
_LISTS = f"""
    CREATE TEMP TABLE kept (key text PRIMARY KEY, size bigint, kind text, digest text, {_PICTURE});
    CREATE TEMP TABLE present (key text PRIMARY KEY, size bigint, etag text, {_PICTURE});
    CREATE INDEX ON kept (picture);
    CREATE INDEX ON present (picture)
"""
_MISSING = """
    SELECT DISTINCT kept.picture FROM kept LEFT JOIN present USING (picture)
    WHERE present.key IS NULL ORDER BY kept.picture
"""
_NAMED = """
    SELECT key FROM images UNION SELECT thumbnail_key FROM images
    UNION SELECT avatar_key FROM users WHERE avatar_key IS NOT NULL
"""
_NOT_LISTED = f"""
    SELECT named.key FROM ({_NAMED}) AS named LEFT JOIN kept ON kept.picture = named.key
    WHERE kept.key IS NULL ORDER BY named.key
"""  # noqa: S608 - written above.
_STILL_NAMED = f"SELECT key FROM ({_NAMED}) AS named WHERE key = ANY($1)"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is right, and in words what was seen."""

    is_right: bool
    words: str


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

    `live_url` leads to the database in use, if there is one: it tells a picture that its owner has
    erased since from one that is lost. With `migrate` an older database is brought up to date, to
    see that it can be. Raises StorageError where the store is away.
    """
    findings: list[Finding] = []
    async with patient_connection(database_url) as connection:
        findings += await _compare(connection, backup)
        await connection.execute(_LISTS)
        await _copy(connection, "kept", _kept_rows(backup))
        await _copy(connection, "present", _present_rows(storage))
        findings.append(await _rows_have_objects(connection))
        findings.append(await _none_is_missing(connection, live_url, backup.facts.objects))
        findings.append(await _sample_is_the_same(connection, storage, sample))
    findings.append(await _goes_on(backup, database_url, migrate=migrate))
    return findings


async def _compare(connection: asyncpg.Connection, backup: OpenedBackup) -> list[Finding]:
    census, facts = await take_census(connection), backup.facts
    differing = [
        f"{name}: {census.tables.get(name, 'none')} instead of {count}"
        for name, count in facts.tables.items()
        if census.tables.get(name) != count
    ]
    rows = sum(facts.tables.values())
    return [
        _finding(differing, f"{rows} rows in {len(facts.tables)} tables, as were dumped"),
        _finding(
            census.invalid
            or _unequal("constraints", census.constraints, facts.constraints)
            or _unequal("indexes", census.indexes, facts.indexes),
            f"{facts.constraints} constraints and {facts.indexes} indexes, all valid",
        ),
        _finding(
            _unequal("revision", census.revision, facts.revision),
            f"the schema is at revision {facts.revision}",
        ),
    ]


def _finding(wrong: Iterable[str], right: str) -> Finding:
    words = "; ".join(wrong)
    return Finding(not words, words or right)


def _unequal(what: str, found: object, expected: object) -> list[str]:
    return [] if found == expected else [f"{what}: {found} instead of {expected}"]


async def _copy(connection: asyncpg.Connection, table: str, rows: AsyncIterator[Any]) -> None:
    columns = {"kept": ["key", "size", "kind", "digest"], "present": ["key", "size", "etag"]}
    await connection.copy_records_to_table(
        table, records=rows, columns=columns[table], schema_name="pg_temp"
    )


async def _kept_rows(backup: OpenedBackup) -> AsyncIterator[tuple[Any, ...]]:
    for one in read_objects(backup.objects):
        yield (one.key, one.size, one.kind, one.digest)


async def _present_rows(storage: Storage) -> AsyncIterator[tuple[Any, ...]]:
    for prefix in PREFIXES:
        async for some in storage.list_objects(prefix):
            for one in some:
                yield (one.key, one.size, one.etag)


async def _rows_have_objects(connection: asyncpg.Connection) -> Finding:
    """An object that a row named and the store did not have, when the backup was made."""
    keys = [row[0] for row in await connection.fetch(_NOT_LISTED)]
    wrong = [f"{len(keys)} pictures had no object already when it was made: {_some(keys)}"]
    return _finding(wrong if keys else [], "each picture of a row is in the manifest")


async def _none_is_missing(
    connection: asyncpg.Connection, live_url: str | None, count: int
) -> Finding:
    missing = [row[0] for row in await connection.fetch(_MISSING)]
    if not missing:
        return Finding(True, f"{count} objects, all in the store")
    still_named = await _still_named(live_url, missing)
    if still_named is None:
        return Finding(
            False,
            f"{len(missing)} objects are not in the store (without the database in use nobody can "
            f"tell the erased from the lost): {_some(missing)}",
        )
    if still_named:
        return Finding(False, f"{len(still_named)} objects are lost: {_some(still_named)}")
    return Finding(
        True, f"{count} objects; {len(missing)} were erased since, as the database in use says"
    )


async def _still_named(live_url: str | None, keys: list[str]) -> list[str] | None:
    """Those that the database in use names; None where it can't be asked."""
    if live_url is None:
        return None
    try:
        async with patient_connection(live_url) as live:
            found: list[str] = []
            for some in batched(keys, BATCH, strict=False):
                found += [row[0] for row in await live.fetch(_STILL_NAMED, some)]
            return found
    except asyncpg.UndefinedTableError:
        return None
    except Exception as error:
        if is_unavailable(error):
            return None
        raise


async def _sample_is_the_same(
    connection: asyncpg.Connection, storage: Storage, sample: int
) -> Finding:
    """Read some objects and compare them with what the manifest says of them."""
    keys = [
        row[0] for row in await connection.fetch("SELECT key FROM kept JOIN present USING (key)")
    ]
    chosen = random.sample(keys, min(sample, len(keys)))
    rows = await connection.fetch(
        "SELECT kept.*, present.etag FROM kept JOIN present USING (key) WHERE key = ANY($1)", chosen
    )
    seen = [await _looked_at(storage, ListedObject(*row[:4]), etag=row["etag"]) for row in rows]
    # The ETag of an object is its MD5, unless it is encrypted by a key of KMS: then no hash of ours
    # is like it, and that it is the same as it was has to do.
    etags_are_md5 = any(one.hash_is_right for one in seen)
    wrong = [
        one.key
        for one in seen
        if not (one.hash_is_right or (one.etag_is_the_same and not etags_are_md5))
    ]
    return _finding(
        [f"{len(wrong)} of {len(rows)} objects differ from what they were: {_some(wrong)}"]
        if wrong
        else [],
        f"{len(rows)} objects read, and each is what it was",
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    key: str
    hash_is_right: bool
    etag_is_the_same: bool


async def _looked_at(storage: Storage, kept: ListedObject, etag: str | None) -> _Seen:
    data = await storage.read(kept.key)
    if data is None or len(data) != kept.size:
        return _Seen(kept.key, False, False)
    algorithm = "md5" if kept.kind == "etag" else kept.kind
    digest = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
    return _Seen(kept.key, digest == kept.digest, kept.kind == "etag" and etag == kept.digest)


async def _goes_on(backup: OpenedBackup, database_url: str, *, migrate: bool) -> Finding:
    """Whether this release can go on from there."""
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


def _some(keys: list[str]) -> str:
    rest = len(keys) - MOST_NAMED
    return ", ".join(keys[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
