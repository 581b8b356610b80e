"""Checks that a restored database equals the one that was dumped, and that its pictures exist."""

import asyncpg
from anyio import to_thread

from app.core import migrations
from app.integrations.storage import Storage
from app.operations.backup.findings import Finding, finding
from app.operations.backup.inventory import connect_without_timeout, take_inventory
from app.operations.backup.object_checks import check_objects
from app.operations.backup.restoring import OpenedBackup
from app.operations.backup.sessions import EMPTIED, check_sessions


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
        findings += await check_objects(connection, backup, storage, live_url, sample)
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
