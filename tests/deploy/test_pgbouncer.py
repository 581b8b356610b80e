"""Linky behind PgBouncer in transaction mode, with a role for each of its pools."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import make_url, text

from app.cli.roles import pooler_users
from app.core import migrations
from app.core.pooled import POOL_ROLES, READS, SEARCHES, SINGLE_WRITES, TRANSACTIONS
from app.core.settings.config import Settings, SettingsError, load_settings
from app.core.unavailable import is_unavailable
from app.operations.database_roles import RolesError, make_pool_roles, pool_logins, wanted_roles
from app.operations.doctor.installation import open_installation
from app.operations.doctor.pooler import check_pooler
from app.operations.doctor.results import Verdict
from app.runtime.runtime import Runtime
from tests.support.api import expect
from tests.support.apps import borrowed_app
from tests.support.beside import beside
from tests.support.database_roles import Cluster, fresh_cluster, login
from tests.support.fakes import FakePush
from tests.support.live import live
from tests.support.patience import let_pools_wait
from tests.support.pgbouncer import PgBouncer, pgbouncer, pgbouncer_program
from tests.support.proxy import Fault, Proxy
from tests.support.sql import execute, plain_url
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World, token

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(pgbouncer_program() is None, reason="install pgbouncer"),
]


@pytest.fixture(scope="module")
def cluster(server_url: str) -> Iterator[Cluster]:
    """A migrated database with the server's role and those of its pools, made by its master."""

    async def make_all(cluster: Cluster) -> None:
        await cluster.make_roles()
        master = await asyncpg.connect(plain_url(cluster.master))
        await make_pool_roles(master, login(cluster.server))
        await make_pool_roles(master, login(cluster.server))  # As after a change of the password.
        await master.close()

    with fresh_cluster(server_url) as cluster:
        # The limit of a statement belongs to the role, and `patient_pools` wants the same.
        with pytest.MonkeyPatch.context() as patch:
            let_pools_wait(patch)
            asyncio.run(make_all(cluster))
        migrations.upgrade(cluster.owner.render_as_string(hide_password=False))
        yield cluster
    names = [role.name(str(cluster.server.username)) for role in POOL_ROLES]
    postgres = cluster.superuser.set(database="postgres")
    for name in (*names, cluster.server.username):
        asyncio.run(execute(postgres, f"DROP ROLE IF EXISTS {name}"))


PATIENT = dict.fromkeys(("query_wait_timeout", "server_connect_timeout"), f"{HANG_SECONDS:.0f}")
"""PgBouncer gives up as early as the product. Tests of other things queue as long as they must."""


@pytest.fixture
def pooler(cluster: Cluster) -> Iterator[PgBouncer]:
    """With two connections for each role, for which the pools' own 23 have to queue."""
    users = [user for user, _ in pool_logins(login(cluster.server))]
    with pgbouncer(cluster.superuser, users, default_pool_size="2", **PATIENT) as pooler:
        yield pooler


@asynccontextmanager
async def served_by(
    cluster: Cluster, pooler: PgBouncer, settings: Settings
) -> AsyncIterator[World]:
    runtime = Runtime.build(settings, pooler.url(cluster.server), is_pooled=True)
    runtime.push = FakePush()
    with borrowed_app("committed", runtime) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield World(app, runtime, client)
    await runtime.close()


@pytest.fixture
async def served(
    patient_pools: None, cluster: Cluster, pooler: PgBouncer, settings: Settings
) -> AsyncIterator[World]:
    async with served_by(cluster, pooler, settings) as world:
        yield world


async def test_many_requests_share_few_connections(cluster: Cluster, served: World) -> None:
    """Reads, single writes, transactions and searches, twelve members at the same time."""
    lounge = await served.lounge()
    word = f"検索{token()}"

    async def use() -> None:
        member = await served.member()
        form = {"lounge_id": lounge["id"], "title": word, "body": "本文"}
        post = expect(await member.post("/posts", json=form, key=(key := token())), 201)
        assert expect(await member.post("/posts", json=form, key=key), 201) == post
        await served.comment(member, post)
        expect(await member.put(f"/posts/{post['id']}/like"), 204)
        assert post["id"] in {item["id"] for item in await member.items("/posts")}
        found = expect(await member.get("/posts", params={"q": word}), 200)["items"]
        assert post["id"] in {item["id"] for item in found}

    await asyncio.gather(*[use() for _ in range(12)])
    reader = await served.member()
    listed = await reader.items(f"/posts?lounge_id={lounge['id']}")
    items = [item for item in listed if item["title"] == word]
    assert len(items) == 12
    assert {item["comment_count"] for item in items} == {1}
    of_roles = "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE $1"
    direct = await asyncpg.connect(plain_url(cluster.superuser))

    async def are_few() -> bool:
        """Those of the pooler before, which was killed, go. Those of this one stay."""
        count: int = await direct.fetchval(of_roles, f"{cluster.server.username}\\_%")
        return 4 <= count <= 8

    await until(are_few)
    await direct.close()


async def test_a_stream_tells_what_changes(served: World) -> None:
    author, reader = await served.member(), await served.member()
    post = await served.post(author)
    topic = f"post:{post['id']}"
    async with live(reader, topic) as stream:
        await stream.wait("hello")
        first = await served.comment(author, post)
        assert first["id"] in {change.get("id") for change in await stream.changes("comment")}
    second = await served.comment(author, post)
    async with live(reader, topic, last=stream.last) as stream:
        ids = {change.get("id") for change in await stream.changes("comment")}
        assert second["id"] in ids
        assert first["id"] not in ids


async def test_each_pool_has_the_settings_that_it_sets_itself_without_a_pooler(
    served: World,
) -> None:
    runtime = served.runtime
    names = sorted({name for role in POOL_ROLES for name in role.settings})
    asked = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
    pools: list[tuple[Any, Any]] = [
        (READS, runtime.pools.reads),
        (SINGLE_WRITES, runtime.pools.writes),
        (SEARCHES, runtime.pools.searches),
    ]
    rows = {role.suffix: (await pool.fetch(asked, []))[0] for role, pool in pools}
    async with beside(runtime) as db:
        rows["transactions"] = await db.one(text(asked))
    for role in POOL_ROLES:
        seen = dict(zip(names, rows[role.suffix], strict=True))
        assert seen | role.settings == seen, role.suffix
    assert rows["reads"] != rows["writes"] != rows["searches"] != rows["transactions"]


async def test_a_statement_is_planned_once_for_all_clients(served: World) -> None:
    """PgBouncer prepares it for each connection to PostgreSQL, for all clients."""
    member = await served.member()
    for _ in range(10):
        expect(await member.get("/posts"), 200)
    reader = served.runtime.pools.reads
    assert reader is not None
    counted = "SELECT name, generic_plans FROM pg_prepared_statements WHERE generic_plans > 0"
    rows = [tuple(row) for row in await reader.fetch(counted, [])]
    assert rows
    assert all(str(name).startswith("PGBOUNCER_") for name, _ in rows)


@pytest.mark.usefixtures("product_limits")
async def test_without_the_database_or_the_pooler_requests_are_503_until_it_is_back(
    cluster: Cluster, settings: Settings
) -> None:
    database = cluster.superuser
    users = [user for user, _ in pool_logins(login(cluster.server))]
    with (
        Proxy(int(database.port or 0)) as proxy,
        pgbouncer(database.set(port=proxy.port), users) as pooler,
    ):
        async with served_by(cluster, pooler, settings) as world:
            calls = await use_of(world)
            proxy.inject(Fault.REFUSES)
            await refused(calls)
            proxy.heal()
            await until(partial(work, calls))
            pooler.kill()
            await refused(calls)
            pooler.start()
            await until(partial(work, calls))


type Call = Callable[[], Awaitable[httpx.Response]]


async def use_of(world: World) -> list[Call]:
    """A call for each of the pools."""
    member, lounge = await world.member(), await world.lounge()
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    return [
        partial(member.get, "/posts"),
        partial(member.post, "/posts", json=form),
        partial(member.get, "/posts", params={"q": "言葉"}),
        partial(member.call, "PATCH", "/users/me", json={"bio": "紹介"}),
    ]


async def refused(calls: Sequence[Call]) -> None:
    for call in calls:
        assert (response := await call()).status_code == 503, response.text


async def work(calls: Sequence[Call]) -> bool:
    return all([(await call()).is_success for call in calls])


@pytest.mark.usefixtures("patient_pools")
async def test_doctor_asks_the_pooler_for_each_role(
    cluster: Cluster, pooler: PgBouncer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.operations.doctor.pooler.CONNECT_SECONDS", HANG_SECONDS)
    direct = cluster.server.render_as_string(hide_password=False)

    async def seen(pooler: PgBouncer) -> list[str]:
        changed = settings.model_copy(
            update={
                "database_url": pooler.url(cluster.server),
                "direct_database_url": direct,
                "database_pooled": True,
            }
        )
        async with open_installation(changed, direct) as installation:
            return [
                f"{result.verdict}: {result.words}" for result in await check_pooler(installation)
            ]

    assert await seen(pooler) == [f"{Verdict.OK}: 4 roles sign in, with their settings"]
    reads = READS.name(str(cluster.server.username))
    users = [user for user, _ in pool_logins(login(cluster.server))]
    await execute(cluster.superuser, f"ALTER ROLE {reads} RESET enable_sort")
    try:
        with pgbouncer(cluster.superuser, users[:3], max_prepared_statements="0") as other:
            found = await seen(other)
    finally:
        await execute(cluster.superuser, f"ALTER ROLE {reads} SET enable_sort = off")
    for words in ("for reads lacks its enable_sort", "for searches can't sign in", "not prepare"):
        assert any(words in result for result in found), found


async def test_a_request_that_waits_too_long_for_a_connection_is_503(
    cluster: Cluster, settings: Settings
) -> None:
    users = [user for user, _ in pool_logins(login(cluster.server))]
    with pgbouncer(cluster.superuser, users, default_pool_size="1") as pooler:
        async with served_by(cluster, pooler, settings) as world:
            url = make_url(TRANSACTIONS.url(pooler.url(cluster.server)))
            busy = await asyncpg.connect(plain_url(url))
            async with busy.transaction():
                await busy.execute("SELECT")
                with pytest.raises(Exception) as refused:  # noqa: PT011 - The next line says which.
                    await ask(world)
                assert is_unavailable(refused.value), repr(refused.value)
            await ask(world)
            await busy.close()


async def ask(world: World) -> None:
    async with beside(world.runtime) as db:
        await db.execute(text("SELECT"))


SETTINGS = {
    "LINKY_DATABASE_POOLED": "1",
    "LINKY_DATABASE_URL": "postgresql://linky:se%22cret@127.0.0.1:6432/linky",
    "LINKY_DIRECT_DATABASE_URL": "postgresql://linky:se%22cret@db.example:5432/linky",
    "LINKY_MIGRATION_DATABASE_URL": "postgresql://owner:other@db.example:5432/linky",
}


@pytest.fixture
def pooled_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.chdir(tmp_path)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def test_the_list_of_users_for_the_pooler(
    pooled_settings: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pooler_users()
    names = ("transactions", "reads", "writes", "searches")
    wanted = [f'"linky_{name}" "se""cret"' for name in names]
    assert [line for line in capsys.readouterr().out.splitlines() if line[0] == '"'] == wanted


async def test_the_roles_are_those_of_the_database_behind_the_pooler(
    pooled_settings: pytest.MonkeyPatch,
) -> None:
    wanted = wanted_roles(load_settings())
    assert (wanted.server.name, wanted.owner.name, wanted.is_pooled) == ("linky", "owner", True)
    assert wanted.url.host == "db.example"
    direct = SETTINGS["LINKY_DIRECT_DATABASE_URL"].replace("se", "another")
    pooled_settings.setenv("LINKY_DIRECT_DATABASE_URL", direct)
    with pytest.raises(RolesError, match="one user and password"):
        wanted_roles(load_settings())
    pooled_settings.setenv("LINKY_DIRECT_DATABASE_URL", "")
    with pytest.raises(SettingsError, match="LINKY_DIRECT_DATABASE_URL"):
        load_settings()
