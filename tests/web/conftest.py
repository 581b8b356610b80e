"""An admin with a row of every kind, fingerprints of the tables, and a server on a port."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from sqlalchemy import text

from app.api import METADATA
from app.web.http_protocol import HttpProtocol
from tests.support.api import Api, expect
from tests.support.beside import beside
from tests.support.routes import Snapshot, Stage
from tests.support.world import World, token
from tests.web.examples import Script, script_of


async def appealed(admin: Api, user: Api) -> str:
    """The id of a user's appeal against a warning."""
    warn = f"/admin/users/{user.id}/warn"
    expect(await admin.post(warn, json={"reason": f"荒らし {token()}"}), 201)
    warning = next(note for note in await user.items("/notifications") if note["type"] == "warning")
    form = {"notification_id": warning["id"], "text": "誤解です"}
    return str(expect(await user.post("/appeals", json=form), 201)["id"])


@pytest.fixture
async def stage(world: World) -> Stage:
    api = await world.admin()
    lounge = await world.lounge()
    post = await world.post(api, lounge, image_ids=[(await world.image(api))["id"]])
    comment = await world.comment(api, post)
    form = {"name": f"申請 {token()}", "description": "説明"}
    request = expect(await api.post("/lounge-requests", json=form), 201)
    sessions = await api.items("/auth/sessions")
    other = await world.member()
    await world.comment(other, post)
    # A scheduled one: what is published can't be changed.
    news = {"title_ja": "お知らせ", "body_ja": "本文", "publish_at": "2030-01-01T00:00:00Z"}
    announcement = expect(await api.post("/admin/announcements", json=news), 201)
    note = next(note for note in await api.items("/notifications") if note["type"] == "comment")
    return Stage(
        api,
        {
            "lounge_id": lounge["id"],
            "post_id": post["id"],
            "comment_id": comment["id"],
            "request_id": request["id"],
            "session_id": sessions[0]["id"],
            "user_id": other.id,
            "report_id": "01890000-0000-7000-8000-000000000000",
            "notification_id": note["id"],
            "target_id": (await world.post(other, lounge))["id"],
            "appeal_id": await appealed(api, other),
            "announcement_id": announcement["id"],
            "install_id": "install-1",
            "provider": "line",
            "image_id": post["images"][0]["id"],
            "size": "full",
        },
    )


@pytest.fixture
async def script(stage: Stage, world: World) -> Script:
    return await script_of(stage, world)


@pytest.fixture
def snapshot(world: World) -> Snapshot:
    """Takes a fingerprint of each table. Equal fingerprints mean that nothing was written."""

    async def take() -> dict[str, str]:
        async with beside(world.runtime) as db:
            # Starting processes would take longer than reading these few rows.
            await db.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
            found = await db.all(text(_fingerprints()))
            return {str(name): str(fingerprint) for name, fingerprint in found}

    return take


def _fingerprints() -> str:
    """One statement for all tables: dozens took a tenth of the tests' time."""
    rows = "string_agg(t::text, '|' ORDER BY t::text)"
    return " UNION ALL ".join(
        f"SELECT '{name}', md5(coalesce({rows}, '')) FROM {name} t"
        for name in [*METADATA.tables, "pgqueuer"]
    )


@pytest.fixture
def keep_alive_seconds() -> int:
    return 75


@pytest.fixture
async def port(committed_world: World, keep_alive_seconds: int) -> AsyncIterator[int]:
    """The app of `committed_world` on a port, served as `linky serve` does."""
    config = uvicorn.Config(
        committed_world.app, port=0, http=HttpProtocol, lifespan="off", log_config=None,
        proxy_headers=False,
        timeout_graceful_shutdown=1, timeout_keep_alive=keep_alive_seconds,
    )  # fmt: skip
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listening]))
    yield int(listening.getsockname()[1])
    server.should_exit = True
    await serving
