"""Marking notifications as read, and the unread count."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.notification.schemas import MAX_IDS
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.beside import beside
from tests.support.notifications import unread_count
from tests.support.world import World

# Marking as read


async def author_with_notifications(world: World, count: int = 3) -> tuple[Api, Api, list[str]]:
    """An author with `count` notifications, their writer, and the ids, newest first."""
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    for _ in range(count):
        await world.comment(reader, post)
    return author, reader, await author.ids("/notifications")


async def test_notifications_are_marked_read_by_id_or_all(world: World) -> None:
    author, _, ids = await author_with_notifications(world)
    expect(await author.post("/notifications/read", json={"ids": [ids[1]]}), 204)
    listed = await author.items("/notifications")
    assert [notification["read"] for notification in listed] == [False, True, False]
    assert await author.ids("/notifications", unread=True) == [ids[0], ids[2]]
    assert await author.ids("/notifications", unread=False) == ids
    assert await unread_count(author) == 2
    expect(await author.post("/notifications/read", json={"ids": ids, "all": None}), 204)
    assert await unread_count(author) == 0
    expect(await author.post("/notifications/read", json={"all": True}), 204)
    assert await author.items("/notifications", unread=True) == []
    assert [notification["read"] for notification in await author.items("/notifications")] == [
        True
    ] * 3


async def test_another_users_notifications_cannot_be_marked_read(world: World) -> None:
    author, reader, ids = await author_with_notifications(world)
    form = {"ids": [*ids, UNKNOWN_ID]}
    expect(await reader.post("/notifications/read", json=form), 204)
    assert await unread_count(author) == 3
    assert await author.ids("/notifications", unread=True) == ids
    expect(await author.post("/notifications/read", json=form), 204)
    assert await unread_count(author) == 0


async def test_marking_read_again_keeps_the_first_read_time(world: World) -> None:
    author, _, ids = await author_with_notifications(world, 1)

    async def read_at() -> Any:
        async with beside(world.runtime) as db:
            return await db.first(text("SELECT read_at FROM notifications"))

    expect(await author.post("/notifications/read", json={"ids": ids}), 204)
    first = await read_at()
    expect(await author.post("/notifications/read", json={"ids": ids}), 204)
    assert await read_at() == first is not None


async def test_a_hundred_are_marked_by_their_ids_and_any_number_stands_beside_all(
    world: World,
) -> None:
    author, _, ids = await author_with_notifications(world)
    many = [*[str(uuid4()) for _ in range(MAX_IDS - 1)], ids[0]]
    refused = await author.post("/notifications/read", json={"ids": [*many, ids[1]]})
    (error,) = expect(refused, 422, "validation_failed")["errors"]
    assert (error["field"], error["code"]) == ("body.ids", "too_long")
    expect(await author.post("/notifications/read", json={"ids": many}), 204)
    assert await unread_count(author) == 2
    form = {"ids": [*many, ids[1]], "all": True}
    expect(await author.post("/notifications/read", json=form), 204)
    assert await unread_count(author) == 0


NOTHING = [{}, {"ids": []}, {"ids": None}, {"all": False}, {"ids": [], "all": False}]


@pytest.mark.parametrize("form", NOTHING)
@pytest.mark.parametrize("ids", [[], [UNKNOWN_ID]])
async def test_what_generated_clients_send_is_understood(
    world: World, form: dict[str, Any], ids: list[str]
) -> None:
    """They send both fields, whichever of them the app has filled."""
    author, *_ = await author_with_notifications(world, 2)
    expect(await author.post("/notifications/read", json=form), 204)
    assert await unread_count(author) == 2
    expect(await author.post("/notifications/read", json={"ids": ids, "all": True}), 204)
    assert await unread_count(author) == 0


async def test_the_unread_filter_must_be_a_boolean(world: World) -> None:
    author, _, ids = await author_with_notifications(world, 1)
    refused = await author.get("/notifications", params={"unread": "maybe"})
    expect(refused, 422, "validation_failed")
    assert await author.ids("/notifications", unread="true") == ids


# The badge
