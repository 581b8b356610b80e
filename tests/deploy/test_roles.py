"""The roles of a production database, made by a master like RDS's: it is not a superuser."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import asyncpg
import httpx
import pytest
from sqlalchemy import URL

from app.api import make_worker
from app.cli.common import CommandError
from app.cli.roles import bootstrap_database
from app.core import migrations
from app.core.settings.config import Settings, load_settings
from app.jobs.operate import job_counts
from app.operations.database_roles import RolesError, scram_verifier
from app.post.jobs import tidy_search
from app.runtime.runtime import Runtime
from tests.support.api import expect
from tests.support.apps import borrowed_app
from tests.support.aws import Aws
from tests.support.beside import beside
from tests.support.database_roles import Cluster, fresh_cluster
from tests.support.fakes import FakePush
from tests.support.sql import execute
from tests.support.waiting import HANG_SECONDS
from tests.support.world import World, token

pytestmark = pytest.mark.anyio


def login_of(url: URL) -> tuple[str, str]:
    return str(url.username), str(url.password)


@pytest.fixture(scope="module")
def cluster(server_url: str) -> Iterator[Cluster]:
    """A cluster with the roles, migrated by the owner."""
    with fresh_cluster(server_url) as cluster:
        asyncio.run(cluster.make_roles())
        migrations.upgrade(cluster.owner.render_as_string(hide_password=False))
        yield cluster


@pytest.fixture
async def served(
    patient_pools: None, cluster: Cluster, settings: Settings, push: FakePush
) -> AsyncIterator[World]:
    """The app, connected with the server's role."""
    runtime = Runtime.build(settings, cluster.server.render_as_string(hide_password=False))
    runtime.push = push
    with borrowed_app("committed", runtime) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield World(app, runtime, client)
    await runtime.close()


async def test_the_app_and_its_jobs_work_with_the_servers_role(served: World) -> None:
    author, reader, admin = await served.member(), await served.member(), await served.admin()
    lounge = await served.lounge()
    post = await served.post(author, lounge, image_ids=[(await served.image(author))["id"]])
    await served.comment(reader, post)
    expect(await reader.put(f"/posts/{post['id']}/like"), 204)
    assert len(await author.items("/notifications")) == 1
    form = {"name": f"部屋 {token()}", "description": "試験", "reason": "試験"}
    request = expect(await reader.post("/lounge-requests", json=form), 201)
    expect(await admin.post(f"/admin/lounge-requests/{request['id']}/approve"), 200)
    password = {"password": author.password}
    expect(await author.call("DELETE", "/users/me", json=password), 202)
    assert await work(served) > 0
    expect(await reader.get(f"/posts/{post['id']}"), 404)
    async with served.runtime.writing() as ctx:
        # Only an owner may do this: the server's role does it through a function of the owner's.
        await tidy_search(ctx)


async def work(world: World) -> int:
    """Run the worker until no job waits; returns how many jobs waited before."""
    url = world.runtime.database_url
    worker = make_worker(world.runtime, url)
    waited = await count_jobs(world)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(HANG_SECONDS):
        while await count_jobs(world):
            await asyncio.sleep(0.05)
    worker.stop()
    await running
    return waited


async def count_jobs(world: World) -> int:
    async with beside(world.runtime) as db:
        counts = await job_counts(db)
    assert counts.failed == {}
    return counts.waiting


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE posts ADD COLUMN mine int",
        "CREATE INDEX mine ON posts (title)",
        "TRUNCATE posts CASCADE",
        "DROP TABLE posts CASCADE",
        "ALTER TABLE posts DISABLE TRIGGER ALL",
        "CREATE ROLE mine",
        "SELECT rolpassword FROM pg_authid",
        "COPY posts TO PROGRAM 'cat'",
    ],
)
async def test_the_servers_role_may_not_do_more(cluster: Cluster, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(cluster.server, statement)
    await execute(cluster.superuser, f"BEGIN; {statement}; ROLLBACK")


async def test_the_server_may_use_the_tables_of_later_migrations(cluster: Cluster) -> None:
    await execute(cluster.owner, "CREATE TABLE later (id int GENERATED ALWAYS AS IDENTITY)")
    try:
        await execute(cluster.server, "INSERT INTO later DEFAULT VALUES", "DELETE FROM later")
    finally:
        await execute(cluster.owner, "DROP TABLE later")


async def test_other_roles_may_not_connect(cluster: Cluster) -> None:
    other = f"other_{token()}"
    await execute(cluster.superuser, f"CREATE ROLE {other} LOGIN PASSWORD 'other'")
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="CONNECT"):
            await execute(cluster.superuser.set(username=other, password="other"), "SELECT 1")
    finally:
        await execute(cluster.superuser, f"DROP ROLE {other}")


async def test_running_it_again_changes_only_the_passwords(cluster: Cluster) -> None:
    new = replace(cluster, server=cluster.server.set(password=f"new-{token()}"))
    await new.make_roles()
    try:
        await execute(new.server, "SELECT 1 FROM posts")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await execute(cluster.server, "SELECT 1")
    finally:
        await cluster.make_roles()
    await execute(cluster.server, "SELECT 1 FROM posts")


def test_tables_of_another_owner_are_refused_with_a_remedy(server_url: str) -> None:
    with fresh_cluster(server_url) as cluster:
        asyncio.run(execute(cluster.master, "CREATE TABLE posts (id int)"))
        with pytest.raises(RolesError, match=f"REASSIGN OWNED BY {cluster.master.username}"):
            asyncio.run(cluster.make_roles())


def test_the_command_reads_the_master_from_secrets_manager_and_the_roles_from_the_settings(
    on_an_instance: Aws,
    server_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    with fresh_cluster(server_url) as cluster:
        master, url_template = (
            cluster.master,
            f"postgresql://{{}}:{{}}@db.internal:5432/{cluster.master.database}",
        )
        master_login = json.dumps({"username": master.username, "password": master.password})
        client = on_an_instance.client("secretsmanager")
        secret = client.create_secret(Name="rds!db-1", SecretString=master_login)["ARN"]
        urls = {
            "LINKY_DATABASE_URL": url_template.format(*login_of(cluster.server)),
            "LINKY_MIGRATION_DATABASE_URL": url_template.format(*login_of(cluster.owner)),
        }
        for name, prefix in zip(urls, ("/linky/prod", "/linky/prod-operations"), strict=True):
            on_an_instance.put(prefix, {name: urls[name]})
        monkeypatch.setenv("LINKY_PARAMETER_STORE_PREFIX", "/linky/prod")
        monkeypatch.setenv("LINKY_OPERATIONS_PREFIX", "/linky/prod-operations")
        # `read_settings` would send all logs of this process to this test's output.
        monkeypatch.setattr("app.cli.roles.read_settings", load_settings)

        bootstrap_database(master_secret=secret, via=f"{master.host}:{master.port}")

        output = "".join(capsys.readouterr())
        for url in (cluster.master, cluster.owner, cluster.server):
            assert str(url.password) not in output
        asyncio.run(execute(cluster.owner, "CREATE TABLE made (id int)"))
        asyncio.run(execute(cluster.server, "SELECT 1 FROM made"))


@pytest.mark.parametrize(
    ("server", "owner", "why"),
    [
        ("postgresql://a:p@h/d", None, "both be set"),
        ("postgresql://a:p@h/d", "postgresql://a:p@h/d", "two roles"),
        ("postgresql://a:p@h/d", "postgresql://b:p@h/other", "one database"),
        ("postgresql://a@h/d", "postgresql://b:p@h/d", "password"),
    ],
)
def test_urls_that_do_not_fit_together_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: str, owner: str | None, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINKY_DATABASE_URL", server)
    if owner:
        monkeypatch.setenv("LINKY_MIGRATION_DATABASE_URL", owner)
    monkeypatch.setattr("app.cli.roles.read_settings", load_settings)
    monkeypatch.setattr("sys.stdin", StringIO("master:password\n"))
    with pytest.raises(CommandError, match=why):
        bootstrap_database(master_stdin=True)


def test_the_scram_verifier_matches_the_example_of_the_rfc() -> None:
    """RFC 7677's example: the password `pencil` with its salt and iterations."""
    salt = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    stored, served = scram_verifier("pencil", salt).partition("$")[2].split("$")[1].split(":")
    assert stored == "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
    assert served == "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
