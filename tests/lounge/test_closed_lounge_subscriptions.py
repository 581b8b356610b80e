"""A closed lounge takes no new subscriptions."""

import pytest
from sqlalchemy import text

from tests.support.api import Api, expect
from tests.support.races import holding, start, until_waiting
from tests.support.world import World

CLOSE = "UPDATE lounges SET closed_at = :at WHERE id = CAST(:id AS uuid)"


async def level_of(reader: Api, lounge_id: str) -> str:
    return str((await reader.get(f"/lounges/{lounge_id}")).json()["notification_level"])


@pytest.mark.parametrize("before", ["none", "all"])
async def test_a_closed_lounge_can_only_be_unsubscribed_from(world: World, before: str) -> None:
    admin, reader, guest = await world.admin(), await world.member(), await world.guest()
    lounge = await world.lounge()
    path = f"/lounges/{lounge['id']}/notifications"
    expect(await reader.put(path, json={"level": before}), 204)
    expect(await admin.delete(f"/admin/lounges/{lounge['id']}"), 204)
    for caller in (reader, guest):
        expect(await caller.put(path, json={"level": "all"}), 409, "lounge_closed")
    assert await level_of(reader, lounge["id"]) == before
    assert await level_of(guest, lounge["id"]) == "none"
    for _ in range(2):
        expect(await reader.put(path, json={"level": "none"}), 204)
    assert await level_of(reader, lounge["id"]) == "none"


@pytest.mark.parametrize(("at", "status"), [("now()", 409), ("NULL", 204)])
async def test_a_subscription_waits_for_who_closes_the_lounge(
    committed_world: World, at: str, status: int
) -> None:
    world = committed_world
    reader, lounge = await world.member(), await world.lounge()
    lock = "SELECT id FROM lounges WHERE id = CAST(:id AS uuid) FOR UPDATE"
    async with holding(world, lock, id=lounge["id"]) as db:
        path = f"/lounges/{lounge['id']}/notifications"
        call = start(reader.put(path, json={"level": "all"}))
        await until_waiting(world)
        await db.execute(text(CLOSE.replace(":at", at)), id=lounge["id"])
    expect(await call, status)
    assert await level_of(reader, lounge["id"]) == ("none" if status == 409 else "all")
