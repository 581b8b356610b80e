"""A user's notifications and devices."""

from typing import Any

from tests.support.api import Api, expect
from tests.support.sql import sql
from tests.support.world import World


async def unread_count(api: Api) -> int:
    return int(expect(await api.get("/notifications/unread-count"), 200)["count"])


async def number_unread(api: Api) -> int:
    """The length of the list of unread ones, however long it is."""
    found = 0
    cursor: dict[str, str] | None = {}
    while cursor is not None:
        params = {"unread": True, "limit": 100, **cursor}
        page = expect(await api.get("/notifications", params=params), 200)
        found += len(page["items"])
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    return found


async def notification_kinds(api: Api) -> list[tuple[str, str | None]]:
    """The type and the comment of each notification, the newest first."""
    return [(item["type"], item["comment_id"]) for item in await api.items("/notifications")]


async def register_device(api: Api, install_id: str, value: str = "", **fields: Any) -> None:
    form = {"kind": "fcm_token", "value": value or f"value of {install_id}", "platform": "ios"}
    expect(await api.put(f"/notifications/devices/{install_id}", json=form | fields), 204)


async def add_unread(world: World, api: Api, number: int, **fields: str) -> None:
    """Write so many unread notifications behind the app's back. `fields` are SQL."""
    columns = {"type": "'report_resolved'", "params": "'{}'", **fields}
    await sql(
        world,
        f"INSERT INTO notifications (user_id, {', '.join(columns)})"
        f" SELECT :user_id, {', '.join(columns.values())} FROM generate_series(1, :number)",
        user_id=api.id,
        number=number,
    )
