"""Marking notifications as read, and the unread count."""

import random
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.core.errors import NotFound
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


async def test_marking_all_read_leaves_later_and_other_users_notifications_unread(
    world: World,
) -> None:
    author, reader, ids = await author_with_notifications(world)
    other, _, _ = await author_with_notifications(world, 1)
    expect(await author.post("/notifications/read", json={"all": True}), 204)
    assert await unread_count(author) == 0
    assert await unread_count(other) == 1
    post = await world.post(author)
    await world.comment(reader, post)
    assert await unread_count(author) == 1
    assert [notification["read"] for notification in await author.items("/notifications")] == [
        False,
        *[True] * 3,
    ]
    assert len(ids) == 3


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


@pytest.mark.parametrize(
    "form",
    [
        {"ids": ["x"]},
        {"ids": [UNKNOWN_ID.upper().replace("0", "A")]},
        {"ids": UNKNOWN_ID},
        {"ids": [UNKNOWN_ID] * 101},
        {"all": "true"},
        {"all": 1},
        {"all": 1.0},
        {"all": [True]},
        {"ids": [], "all": 0},
        {"all": True, "user_id": UNKNOWN_ID},
        [],
    ],
)
async def test_an_invalid_read_request_marks_nothing(world: World, form: Any) -> None:
    author, _, ids = await author_with_notifications(world, 1)
    refused = await author.post("/notifications/read", json=form)
    expect(refused, 422, "validation_failed")
    assert await unread_count(author) == 1
    expect(await author.post("/notifications/read", json={"ids": [*ids, *[UNKNOWN_ID] * 99]}), 204)
    assert await unread_count(author) == 0


@pytest.mark.parametrize(
    ("form", "unread"),
    [
        ({}, 1),
        ({"ids": []}, 1),
        ({"ids": None, "all": None}, 1),
        ({"ids": [], "all": False}, 1),
        ({"all": False}, 1),
        ({"ids": [], "all": True}, 0),
        ({"ids": None, "all": True}, 0),
        ({"ids": [UNKNOWN_ID], "all": True}, 0),
    ],
)
async def test_what_generated_clients_send_beside_their_choice_is_understood(
    world: World, form: Any, unread: int
) -> None:
    author, _, ids = await author_with_notifications(world, 1)
    expect(await author.post("/notifications/read", json=form), 204)
    assert await unread_count(author) == unread
    expect(await author.post("/notifications/read", json={"ids": ids, "all": False}), 204)
    assert await unread_count(author) == 0


async def test_the_unread_filter_must_be_a_boolean(world: World) -> None:
    author, _, ids = await author_with_notifications(world, 1)
    refused = await author.get("/notifications", params={"unread": "maybe"})
    expect(refused, 422, "validation_failed")
    assert await author.ids("/notifications", unread="true") == ids


# The badge


class BadgeScenario:
    """A reader and two others, whose random acts change the reader's notifications."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.comments: list[tuple[Api, dict[str, Any]]] = []
        self.hidden: set[str] = set()

    async def start(self) -> "BadgeScenario":
        self.reader, *self.others = [await self.world.member() for _ in range(3)]
        lounge = await self.world.lounge()
        self.posts = [await self.world.post(self.reader, lounge) for _ in range(2)]
        self.posts += [await self.world.post(other, lounge) for other in self.others]
        for post in self.posts:
            await self.comment(self.reader, post)
            for other in self.others:
                await self.comment(other, post)
        return self

    async def comment(
        self, writer: Api, post: dict[str, Any], parent: dict[str, Any] | None = None
    ) -> None:
        form = {"body": "x"} | ({"parent_id": parent["id"]} if parent else {})
        answer = await writer.post(f"/posts/{post['id']}/comments", json=form)
        assert answer.status_code in (201, 404, 422)
        if answer.status_code == 201:
            self.comments.append((writer, answer.json()))

    async def step(self) -> None:
        other, post = self.chance.choice(self.others), self.chance.choice(self.posts)
        writer, comment = self.chance.choice(self.comments)
        match self.chance.randrange(20):
            case 0 | 1 | 2 | 3 | 4 | 5 | 6:
                await self.comment(other, post)
            case 7 | 8 | 9:
                await self.comment(other, {"id": comment["post_id"]}, comment)
            case 10:
                await writer.delete(f"/comments/{comment['id']}")
            case 11 | 12:
                await self.moderate("comment", comment)
            case 13 | 14:
                await self.moderate("post", post)
            case 15 | 16:
                method = self.chance.choice(["PUT", "DELETE", "DELETE"])
                expect(await self.reader.call(method, f"/users/{other.id}/block"), 204)
            case 17 | 18:
                method = self.chance.choice(["PUT", "DELETE", "DELETE"])
                await self.reader.call(method, f"/posts/{post['id']}/mute")
            case 19:
                listed = await self.reader.ids("/notifications")
                ids = self.chance.sample(listed, min(2, len(listed))) or [UNKNOWN_ID]
                form: dict[str, Any] = {"ids": ids} if self.chance.random() < 0.9 else {"all": True}
                expect(await self.reader.post("/notifications/read", json=form), 204)

    async def moderate(self, kind: str, target: dict[str, Any]) -> None:
        act = "restore" if target["id"] in self.hidden else "hide"
        with suppress(NotFound):
            await getattr(self.world, f"{act}_{kind}")(target)
            self.hidden ^= {target["id"]}

    async def delete_a_post(self) -> None:
        """Deletes a post of the reader: most of the reader's notifications are about those."""
        for post_id in (await self.reader.ids("/users/me/posts"))[:1]:
            expect(await self.reader.delete(f"/posts/{post_id}"), 204)

    async def check(self) -> int:
        listed = await self.reader.items("/notifications")
        unread = await self.reader.ids("/notifications", unread=True)
        assert unread == [note["id"] for note in listed if not note["read"]]
        assert await unread_count(self.reader) == len(unread)
        for note in listed:
            # Each listed notification leads to a readable post.
            path = f"/posts/{note['post_id']}"
            expect(await self.reader.get(path), 200)
        assert self.reader.id not in [note["actor"]["id"] for note in listed]
        return len(unread)
