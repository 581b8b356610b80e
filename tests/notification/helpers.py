"""What the tests of notifications share."""

from typing import Any

from app.notification.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.jobs import run_waiting_jobs
from tests.support.world import World


async def unread_count(api: Api) -> int:
    return int(expect(await api.get("/notifications/unread-count"), 200)["count"])


async def told(api: Api) -> list[tuple[str, str]]:
    """The type, and the comment that it is about, of each notification; the newest first."""
    return [(one["type"], one["comment_id"]) for one in await api.items("/notifications")]


async def register(api: Api, install_id: str, value: str, **fields: Any) -> None:
    form = {"kind": "fcm_token", "value": value, "platform": "ios", **fields}
    expect(await api.put(f"/notifications/devices/{install_id}", json=form), 204)


async def run_jobs(world: World) -> int:
    """What the worker would do now; how many jobs it were."""
    async with world.runtime.sessions() as session:
        ran = await run_waiting_jobs(session, world.runtime._context, JOBS)
        await session.commit()
        return ran
