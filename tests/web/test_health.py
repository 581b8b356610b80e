"""Health checks, metrics, and the OpenAPI documents."""

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url, text
from structlog.testing import capture_logs

from app import main
from app.api import make_worker
from app.core import migrations
from app.core.settings.config import Settings
from app.core.version import app_version
from app.main import create_app
from app.runtime.runtime import Runtime
from app.web import health
from app.web.document import HERE
from app.web.document.apps import for_apps
from app.web.problems import CONTENT_TYPE
from tests.support.api import Api, expect
from tests.support.beside import beside
from tests.support.sql import sql
from tests.support.waiting import until
from tests.support.world import World

NOWHERE = "postgresql+asyncpg://linky:x@127.0.0.1:1/linky"


@pytest.fixture
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if more than a second passed between any two requests."""
    monkeypatch.setattr(health, "KEPT_SECONDS", 0.0)


async def checks(http: httpx.AsyncClient, status: int) -> dict[str, str]:
    response = await http.get("/health/ready")
    assert response.headers["cache-control"] == "no-store"
    body = expect(response, status)
    assert body["status"] == ("ok" if status == 200 else "unavailable")
    components: dict[str, str] = body["checks"]
    return components


@pytest.mark.usefixtures("looks_each_time")
@pytest.mark.parametrize(
    ("number", "may_serve"), [(0, False), (1, True)], ids=["newest", "the one before"]
)
async def test_until_the_newest_migration_has_run_the_previous_release_may_serve(
    world: World, number: int, may_serve: bool
) -> None:
    revision = migrations.newest_first()[number].revision
    await sql(world, "UPDATE alembic_version SET version_num = :revision", revision=revision)
    world.runtime.may_serve_beside_previous = not may_serve
    await world.http.get("/health/ready")
    assert world.runtime.may_serve_beside_previous == may_serve


@pytest.mark.usefixtures("looks_each_time")
async def test_liveness_is_ok_whatever_else_is_down(world: World) -> None:
    healthy = await world.http.get("/health/live")
    assert expect(healthy, 200) == {"status": "ok"}
    dead = Runtime.build(world.runtime.settings, NOWHERE)
    world.app.state.runtime = dead
    expect(await world.http.get("/health/live"), 200)
    components = await checks(world.http, 503)
    assert components == {"database": "down", "migrations": "down", "worker": "down"}
    await dead.close()


@pytest.mark.usefixtures("looks_each_time")
async def test_a_server_with_its_worker_is_ready_until_the_worker_stops(
    committed_world: World, committed_url: str
) -> None:
    app, runtime = committed_world.app, committed_world.runtime
    worker = make_worker(runtime, committed_url)
    app.state.worker = worker
    assert await checks(committed_world.http, 503) == {
        "database": "ok",
        "migrations": "ok",
        "worker": "down",
    }
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.alive)
    assert set((await checks(committed_world.http, 200)).values()) == {"ok"}
    worker.stop()
    await running
    assert (await checks(committed_world.http, 503))["worker"] == "down"


@pytest.mark.usefixtures("looks_each_time")
async def test_a_separate_worker_is_seen_through_the_database(
    committed_world: World, committed_url: str
) -> None:
    assert (await checks(committed_world.http, 503))["worker"] == "down"
    worker = make_worker(committed_world.runtime, committed_url)
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.alive)
    assert (await checks(committed_world.http, 200))["worker"] == "ok"
    worker.stop()
    await running


@pytest.mark.usefixtures("looks_each_time")
async def test_a_database_ahead_of_the_code_is_ready(world: World) -> None:
    """After a failed deploy the previous release serves again, on the newer schema."""
    before = await checks(world.http, 503)
    async with beside(world.runtime) as db:
        await db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert before["migrations"] == "ok"
    assert (await checks(world.http, 503))["migrations"] == "ok"


async def test_many_who_ask_at_once_or_within_a_second_share_one_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, goes_on = list[str](), asyncio.Event()

    async def look(_: FastAPI) -> dict[str, bool]:
        looked.append("begun")
        await goes_on.wait()
        await asyncio.sleep(0)
        looked.append("ended")
        return {"database": True}

    monkeypatch.setattr(health, "check", look)

    async def ask() -> int:
        return (await world.http.get("/health/ready")).status_code

    first = asyncio.create_task(ask())
    await until(lambda: bool(looked))
    first.cancel()  # One who hangs up does not end the answers of the others.
    goes_on.set()
    assert await asyncio.gather(*(ask() for _ in range(40))) == [200] * 40
    assert looked == ["begun", "begun", "ended"]
    assert await ask() == 200
    assert looked == ["begun", "begun", "ended"]
    monkeypatch.setattr(health, "KEPT_SECONDS", 0.0)
    world.app.state.readiness = health.Readiness()
    await ask()
    assert await asyncio.gather(*(ask() for _ in range(3))) == [200] * 3
    assert looked[3:] == ["begun", "ended"] * 4


async def test_the_version_is_in_meta_and_readiness(world: World) -> None:
    assert (await world.http.get("/api/v1/meta")).json()["version"] == app_version()
    assert (await world.http.get("/health/ready")).json()["server_version"] == app_version()
    assert world.app.openapi()["info"]["version"] == app_version()


async def test_readiness_names_the_release(world: World) -> None:
    assert (await world.http.get("/health/ready")).json()["version"] == world.app.version
    world.configure(release="20261125-abc")
    assert (await world.http.get("/health/ready")).json()["version"] == "20261125-abc"


@pytest.mark.usefixtures("looks_each_time")
async def test_a_database_behind_the_code_is_not_ready(world: World) -> None:
    # In the test's own transaction, which is rolled back.
    (before,) = await sql(world, "SELECT version_num FROM alembic_version")
    await sql(world, "UPDATE alembic_version SET version_num = '0001'")
    components = await checks(world.http, 503)
    await sql(world, "UPDATE alembic_version SET version_num = :version_num", **before)
    assert (components["database"], components["migrations"]) == ("ok", "down")
    assert (await checks(world.http, 503))["migrations"] == "ok"


@pytest.mark.parametrize("worker", ["inside", "apart"])
async def test_a_server_that_must_be_ready_first_starts_on_a_good_database(
    patient_pools: None, own_database: str, settings: Settings, worker: str
) -> None:
    """A worker apart is not waited for. It may be what the release that starts fixes."""
    url = make_url(own_database).render_as_string(hide_password=False)
    changed = {"database_url": url, "worker": worker}
    app = create_app(settings.model_copy(update=changed), when_ready=True)
    with capture_logs() as logs:
        async with app.router.lifespan_context(app):
            assert (app.state.worker is None) == (worker == "apart")
    (started,) = (line for line in logs if line["event"] == "api_started")
    assert started["server_version"] == app_version()
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == []


async def test_a_server_that_must_be_ready_first_ends_without_a_database(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "GET_READY_SECONDS", 0.0)
    changed = {"database_url": NOWHERE, "worker": "apart"}
    app = create_app(settings.model_copy(update=changed), when_ready=True)
    with pytest.raises(main.NotReadyError, match="database, migrations"):
        async with app.router.lifespan_context(app):
            pass


METRICS = (
    *("linky_http_requests_total", "linky_http_request_seconds_bucket", "linky_jobs_waiting"),
    *("linky_jobs_oldest_seconds", "process_resident_memory_bytes"),
)


async def test_metrics_are_shown_only_to_this_machine(app: FastAPI, world: World) -> None:
    world.runtime.metrics = app.state.metrics
    member = await world.member()
    expect(await member.get("/users/me"), 200)
    shown = await world.http.get("/metrics")
    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("text/plain; version=0.0.4")
    for name in METRICS:
        assert name in shown.text, name
    assert '/users/me",status="200"' in shown.text
    assert member.id not in shown.text
    for header in ({"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}):
        expect(await world.http.get("/metrics", headers=header), 404, "not_found")
    for address, status in (("192.0.2.1", 404), ("10.0.0.1", 404), ("::1", 200), ("unknown", 404)):
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            assert (await http.get("/metrics")).status_code == status, address


async def test_an_unknown_path_makes_no_metric_of_its_own(world: World) -> None:
    world.runtime.metrics = world.app.state.metrics
    for number in range(5):
        await world.http.get(f"/nothing-{number}")
    shown = (await world.http.get("/metrics")).text
    assert "nothing-" not in shown
    assert 'route="unmatched",status="404"' in shown


async def test_metrics_without_a_database_are_503(world: World) -> None:
    world.app.state.runtime = Runtime.build(world.runtime.settings, NOWHERE)
    refused = await world.http.get("/metrics")
    assert refused.status_code == 503
    assert refused.headers["content-type"] == CONTENT_TYPE


async def test_the_openapi_document_is_served(world: World) -> None:
    served = expect(await world.http.get("/openapi.json"), 200)
    assert served == world.app.openapi()
    assert served["openapi"].startswith("3.1")
    assert [server["url"] for server in served["servers"]] == [HERE]


async def test_the_document_for_apps_is_served(world: World) -> None:
    served = expect(await world.http.get("/openapi-app.json"), 200)
    assert served == for_apps(world.app.openapi())


async def test_no_answer_reveals_the_data_directory(world: World, tmp_path: Path) -> None:
    anonymous: Api = world.anonymous()
    for path in ("/openapi.json", "/docs", "/health/ready", "/metrics", "/api/v1/meta"):
        assert str(tmp_path) not in (await anonymous.http.get(path)).text
    made = create_app(world.runtime.settings)
    assert made.state.worker is None
