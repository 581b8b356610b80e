"""The migrations: downgrades and upgrades, comparison with the models, concurrent runs."""

import asyncio
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command, op
from alembic.script import ScriptDirectory

from app.core import migrations
from app.operations.embedded.binaries import find_binaries
from tests.support.database import PLAIN, fresh_database
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.sql import plain_url
from tests.support.waiting import HANG_SECONDS
from tests.support.world import token
from tools.functions import FUNCTIONS, functions_of

pytestmark = pytest.mark.usefixtures("migrations_loaded_once")

TRIES = 3
WAITING = """
    SELECT application_name, query_start FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


@pytest.fixture
def migrated_database(server_url: str) -> Iterator[str]:
    with fresh_database(server_url, f"migrated_{token()}", PLAIN) as url:
        yield url


@pytest.fixture(scope="module")
def whole(server_url: str) -> str:
    """The schema that the migrations make of an empty database."""
    with fresh_database(server_url, f"whole_{token()}", PLAIN) as url:
        return schema_of(url)


def schema_of(url: str) -> str:
    """The schema as pg_dump prints it, without the lines that differ in each run."""
    program = find_binaries(None).folder / "pg_dump"
    if not program.exists():
        pytest.skip("this PostgreSQL came without pg_dump")
    done = subprocess.run(
        [program, "--schema-only", "--no-owner", f"--dbname={plain_url(url)}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return re.sub(r"(?m)^\\(un)?restrict .*$", "", done.stdout)


def downgrade(url: str, revision: str) -> None:
    command.downgrade(migrations.alembic_config(url), revision)


def test_the_migrations_are_read_as_alembic_walks_them() -> None:
    script = ScriptDirectory.from_config(migrations.alembic_config())
    walked = [
        (each.revision, getattr(each.module, "contracts", False))
        for each in script.walk_revisions()
    ]
    assert [(each.revision, each.contracts) for each in migrations.newest_first()] == walked
    assert script.get_heads() == [migrations.head()]
    assert script.get_bases() == ["0001"]


def test_two_migrations_after_the_same_one_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations" / "versions"
    folder.mkdir(parents=True)
    for name, before in (("0001", None), ("0002", "0001"), ("0003", "0001")):
        (folder / f"{name}.py").write_text(f"revision = {name!r}\ndown_revision = {before!r}\n")
    monkeypatch.setattr(migrations, "ROOT", tmp_path)
    migrations.newest_first.cache_clear()
    try:
        with pytest.raises(migrations.NotOneLine, match=r"000[23]"):
            migrations.newest_first()
    finally:
        migrations.newest_first.cache_clear()


def test_a_downgrade_to_base_and_an_upgrade_give_the_same_schema(
    make_database: Callable[[], str],
) -> None:
    url = make_database()
    empty = schema_of(url)
    migrations.upgrade(url)
    first = schema_of(url)
    assert "CREATE TABLE public.posts" in first
    assert "CREATE TABLE public.pgqueuer" in first
    downgrade(url, "base")
    bare = schema_of(url)
    assert "alembic_version" in bare
    for kind in ("TABLE", "TYPE", "FUNCTION", "SEQUENCE", "INDEX"):
        remaining = set(re.findall(rf"CREATE {kind} (?:public\.)?(\w+)", bare))
        assert remaining <= {"alembic_version"}, f"a downgrade left a {kind.lower()}"
    migrations.upgrade(url)
    assert schema_of(url) == first
    assert empty != first


def test_each_migration_can_be_downgraded_and_repeated(migrated_database: str, whole: str) -> None:
    url = migrated_database
    script = ScriptDirectory.from_config(migrations.alembic_config())
    for revision in script.walk_revisions():
        assert revision.down_revision is None or isinstance(revision.down_revision, str)
        downgrade(url, revision.down_revision or "base")
        command.upgrade(migrations.alembic_config(url), revision.revision)
        downgrade(url, revision.down_revision or "base")
    migrations.upgrade(url)
    assert schema_of(url) == whole


def revisions_with_several_commits() -> list[str]:
    """The revisions that create an index concurrently, and so can stop between two commits.

    The revisions up to 0011 created indexes only on empty tables.
    """
    script = ScriptDirectory.from_config(migrations.alembic_config())
    later = [item for item in script.walk_revisions("0011", "head") if item.revision != "0011"]

    def upgrade_of(path: str) -> str:
        return Path(path).read_text("utf-8").partition("def downgrade")[0]

    several = ("autocommit_block", "op.create_index(")
    return [
        item.revision for item in later if all(call in upgrade_of(item.path) for call in several)
    ]


@pytest.mark.parametrize("revision", revisions_with_several_commits())
def test_an_interrupted_migration_can_be_repeated(
    migrated_database: str, whole: str, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    """The migration stops at each of its indexes in turn, as after a lock timeout."""
    url = migrated_database
    config = migrations.alembic_config(url)
    create_index, stops = op.create_index, 0
    downgrade(url, f"{revision}-1")
    while True:
        made: list[str | None] = []

        def create_or_stop(name: str | None, *given: Any, **named: Any) -> None:
            if len(made) == stops:  # noqa: B023 - Called only in this round.
                raise TimeoutError(name)
            create_index(name, *given, **named)
            made.append(name)  # noqa: B023

        monkeypatch.setattr(op, "create_index", create_or_stop)
        try:
            command.upgrade(config, revision)
        except TimeoutError:
            stops += 1
        else:
            break
    assert stops > 0
    monkeypatch.undo()
    migrations.upgrade(url)
    assert schema_of(url) == whole


def test_the_migrations_make_what_the_models_describe(server_url: str) -> None:
    with fresh_database(server_url, f"checked_{token()}") as url:
        command.check(migrations.alembic_config(url))


def test_what_the_database_computes_is_written_down(migrated_database: str) -> None:
    written = FUNCTIONS.read_text(encoding="utf-8")
    assert written == asyncio.run(functions_of(migrated_database)), "run `make functions`"


def test_four_concurrent_upgrades_of_an_empty_database_succeed(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    url = make_database()
    running = [
        Server(tmp_path / str(number), [*QUICK_LINKY, "migrate"], LINKY_DATABASE_URL=url).launch()
        for number in range(4)
    ]
    ended = [server.wait() for server in running]
    assert ended == [0, 0, 0, 0], [server.output() for server in running]
    command.check(migrations.alembic_config(url))


def test_a_migration_waits_for_a_long_transaction_without_blocking_readers(
    make_database: Callable[[], str],
) -> None:
    """Readers between two tries of the migration, while a long transaction goes on.

    A request for a lock blocks all later requests. So the migration gives up after two seconds and
    tries again: readers get their locks between two tries.
    """
    url = make_database()
    command.upgrade(migrations.alembic_config(url), "0005")

    async def run() -> None:
        long, reader, watcher = [await asyncpg.connect(plain_url(url)) for _ in range(3)]
        try:
            await long.execute("BEGIN; SELECT count(*) FROM comments")
            config = migrations.alembic_config(url)
            altering = asyncio.create_task(asyncio.to_thread(command.upgrade, config, "0006"))
            async with asyncio.timeout(HANG_SECONDS):
                await read_between_tries(reader, watcher)
            assert not altering.done()
            await long.execute("ROLLBACK")
            await altering
            assert await reader.fetchval("SELECT version_num FROM alembic_version") == "0006"
        finally:
            await long.close()
            await reader.close()
            await watcher.close()

    asyncio.run(run())


async def read_between_tries(reader: asyncpg.Connection, watcher: asyncpg.Connection) -> None:
    """Read until the migration has tried several times and a reader has waited behind it."""
    waiting: dict[str, set[datetime]] = {"linky-migrate": set(), "": set()}

    def seen_enough() -> bool:
        return len(waiting["linky-migrate"]) >= TRIES and bool(waiting[""])

    async def watch() -> None:
        while not seen_enough():
            for name, begun in await watcher.fetch(WAITING):
                waiting[name].add(begun)
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    while not watching.done():
        await reader.fetchval("SELECT count(*) FROM comments")
        await asyncio.sleep(0.1)
    await watching
