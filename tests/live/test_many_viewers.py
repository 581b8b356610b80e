"""What open streams are told of their viewers alone is loaded for all of them together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from app.notification_delivery.service import of_many
from tests.support.api import Api, expect
from tests.support.live import LiveStream, live, until_followed
from tests.support.notifications import unread_count
from tests.support.statements import Sent, statements
from tests.support.world import World

READERS = 8


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


@asynccontextmanager
async def all_following(world: World, readers: list[Api]) -> AsyncIterator[list[LiveStream]]:
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(live(reader)) for reader in readers]
        for stream in streams:
            await stream.wait("hello")
        await until_followed(world, len(readers))
        yield streams


def of_badges(sent: Sent) -> int:
    return sum("AS unread" in text and "AS given" in text for text, _ in sent)


async def test_an_author_who_leaves_costs_a_statement_for_many_badges(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_many, "BADGES_AT_ONCE", 3)
    leaver, other = await world.member(), await world.member()
    readers = [await world.member() for _ in range(READERS)]
    for reader in readers:
        post = await world.post(reader)
        await world.comment(leaver, post)
        await world.comment(other, post)
    async with all_following(world, readers) as streams:
        form = {"password": leaver.password}
        with statements(world.runtime) as sent:
            expect(await leaver.call("DELETE", "/users/me", json=form), 202)
            for stream, reader in zip(streams, readers, strict=True):
                changes = await stream.changes("author", "badge")
                assert changes[-1]["unread"] == await unread_count(reader) == 1
    # Eight viewers, three a statement.
    assert of_badges(sent) == 3


async def test_an_announcement_is_loaded_once_for_each_language(world: World) -> None:
    admin = await world.admin()
    readers = [await world.member() for _ in range(READERS)]
    for reader in readers[1::2]:
        expect(await reader.patch("/users/me", json={"locale": "en"}), 200)
    form = {"title_ja": "お知らせ", "body_ja": "本文", "title_en": "News", "body_en": "Text"}
    async with all_following(world, readers) as streams:
        with statements(world.runtime) as sent:
            expect(await admin.post("/admin/announcements", json=form | {"push": False}), 201)
            told = [await stream.changes("notification", "badge") for stream in streams]
    assert sum("jsonb_build_object" in text for text, _ in sent) == 1
    assert of_badges(sent) == 1
    # The others of that look: to whom it is addressed.
    assert sum("announcements" in text and "AS given" in text for text, _ in sent) == 2
    titles = []
    for changes, reader in zip(told, readers, strict=True):
        (listed,) = await reader.items("/notifications")
        assert [change["put"] for change in changes if "put" in change] == [listed]
        assert changes[-1]["unread"] == 1
        titles.append(listed["title"])
    assert titles == ["お知らせ", "News"] * (READERS // 2)


async def test_who_read_an_announcement_elsewhere_is_told_so(world: World) -> None:
    admin, reader, other = await world.admin(), await world.member(), await world.member()
    form = {"title_ja": "お知らせ", "body_ja": "本文", "push": False}
    made = expect(await admin.post("/admin/announcements", json=form), 201)
    later = await world.member()
    async with all_following(world, [reader, other, later]) as streams:
        ids = {"ids": [made["id"]]}
        expect(await reader.post("/notifications/read", json=ids), 204)
        read, badge = await streams[0].changes("notification", "badge")
        assert (read["put"]["read"], badge["unread"]) == (True, 0)
        expect(await admin.delete(f"/admin/announcements/{made['id']}"), 204)
        for stream in streams:
            changes = await stream.changes("notification", "badge")
            assert [change.get("gone") for change in changes] == [True, None]
