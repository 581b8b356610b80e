"""`linky restore --replace`: what it takes away, what stays, and that it is all or nothing."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from anyio import to_thread

from app.core import migrations
from app.operations.backup import restoring
from app.operations.backup.encryption import read_identities
from app.operations.backup.errors import BackupError
from app.operations.backup.places import Folder
from app.operations.backup.restoring import open_backup, restore
from tests.operations.backups import A_GUEST, BackedUp, Key, make, nicknames, opened_for, store_of
from tests.support.database_roles import Cluster, fresh_cluster
from tests.support.sql import execute, fetch, plain_url

pytestmark = pytest.mark.anyio

OLD = "0011"
"""Later ones add tables that point to older ones, and functions by a plain CREATE FUNCTION."""


@pytest.fixture
def cluster(server_url: str) -> Iterator[Cluster]:
    """A database with the roles of production, not migrated."""
    with fresh_cluster(server_url) as cluster:
        asyncio.run(cluster.make_roles())
        yield cluster


async def objects(url: str) -> list[str]:
    """The tables, views, sequences and functions of the schema `public`."""
    found = await fetch(
        url,
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    )
    return sorted(name for (name,) in found)


async def exists(url: str, table: str) -> bool:
    ((found,),) = await fetch(url, "SELECT to_regclass($1) IS NOT NULL", table)
    return bool(found)


async def test_an_old_backup_replaces_an_upgraded_database_and_can_be_migrated_again(
    cluster: Cluster, key: Key, tmp_path: Path
) -> None:
    url = cluster.owner.render_as_string(hide_password=False)
    await to_thread.run_sync(command.upgrade, migrations.alembic_config(url), OLD)
    before = await objects(url)
    place = Folder(tmp_path / "backups")
    made = await make(url, store_of(tmp_path / "store"), place, key)
    await to_thread.run_sync(migrations.upgrade, url)
    upgraded = await objects(url)
    assert {"live_changes", "linky_has_muted"} <= set(upgraded) - set(before)

    identities = read_identities(key.file)
    async with open_backup(place, made.name, identities, tmp_path / "workshop") as opened:
        await restore(opened, url, replace=True)

    assert await objects(url) == before
    await to_thread.run_sync(migrations.upgrade, url)
    assert await objects(url) == upgraded
    # A backup holds no rights. The server's role has them from the schema, which stays.
    await fetch(cluster.server, A_GUEST.format(name="花子"))
    assert await nicknames(url) == ["花子"]


async def test_a_database_with_rows_is_replaced_only_on_demand(
    backed_up: BackedUp, own_database: str, tmp_path: Path
) -> None:
    await fetch(own_database, A_GUEST.format(name="別人"))
    async with opened_for(backed_up, tmp_path) as opened:
        with pytest.raises(BackupError, match=r"not empty.*nothing was touched"):
            await restore(opened, own_database)
        assert await nicknames(own_database) == ["別人"]
        await execute(own_database, "CREATE SCHEMA theirs", "CREATE TABLE theirs.newer (id int)")
        with pytest.raises(BackupError, match=r"other schemas.* does not know \(theirs.newer\)"):
            await restore(opened, own_database, replace=True)
        assert await nicknames(own_database) == ["別人"]
        await execute(own_database, "DROP TABLE theirs.newer")
        await restore(opened, own_database, replace=True)
        assert await nicknames(own_database) == ["花子"]


async def test_a_failed_replacement_leaves_also_what_the_backup_does_not_know(
    backed_up: BackedUp, own_database: str, tmp_path: Path
) -> None:
    await fetch(own_database, A_GUEST.format(name="別人"))
    await fetch(own_database, "CREATE TABLE newer (id uuid REFERENCES users)")
    async with opened_for(backed_up, tmp_path, cut_short=True) as broken:
        with pytest.raises(BackupError, match=r"damaged|changed nothing"):
            await restore(broken, own_database, replace=True)
    assert await exists(own_database, "newer")
    assert await nicknames(own_database) == ["別人"]
    async with opened_for(backed_up, tmp_path) as opened:
        await restore(opened, own_database, replace=True)
    assert not await exists(own_database, "newer")
    assert await nicknames(own_database) == ["花子"]


async def test_a_replacement_does_not_wait_long_for_a_table_that_another_holds(
    backed_up: BackedUp, own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "LOCK_WAIT", "200ms")
    await fetch(own_database, A_GUEST.format(name="別人"))
    holder = await asyncpg.connect(plain_url(own_database))
    try:
        await holder.execute("BEGIN; LOCK TABLE posts IN ACCESS SHARE MODE")
        async with opened_for(backed_up, tmp_path) as opened:
            with pytest.raises(BackupError, match=r"changed nothing: canceling.* lock timeout"):
                await restore(opened, own_database, replace=True)
    finally:
        await holder.close()
    assert await nicknames(own_database) == ["別人"]
