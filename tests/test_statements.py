"""The number of statements of each list and of hot writes.

The tests use their own database, with the pools of the real app.
"""

from typing import Any

import pytest

from tests.support.api import expect
from tests.support.listings import LISTS, Listing, Stage, page
from tests.support.statements import Sent, statements
from tests.support.world import World

pytestmark = pytest.mark.anyio

MANY = 3
"""A statement for each item shows with three as with thirty."""


async def cost(world: World, listing: Listing) -> tuple[int, Sent]:
    """The number of items of a list, and the statements that were sent for them."""
    await page(listing, 100, None)  # Warms up connections, caches and prepared statements.
    with statements(world.runtime) as sent:
        body = await page(listing, 100, None)
    return len(body["items"]), sent


async def test_lists_need_the_same_statements_for_more_items(committed_world: World) -> None:
    world = committed_world
    stage = await Stage(world).start()
    for name, listed in LISTS.items():
        listing = stage.listing(name)
        await listing.add()
        _, few = await cost(world, listing)
        for _ in range(MANY):
            await listing.add()
        items, sent = await cost(world, listing)
        assert items > MANY, name
        # This also shows that no BEGIN and no ROLLBACK is sent.
        assert [statement for statement, _ in sent] == [statement for statement, _ in few], name
        assert len(sent) == listed.statements, (
            f"{name} sends {len(sent)} statements. LISTS in tests/support/listings.py says how many"
        )


async def test_a_look_up_is_one_statement(committed_world: World) -> None:
    world = committed_world
    member = await world.member()
    post = await world.post(member)
    for path in (f"/posts/{post['id']}", "/users/me", "/notifications/unread-count"):
        expect(await member.get(path), 200)  # Warms up connections and prepared statements.
        with statements(world.runtime) as sent:
            expect(await member.get(path), 200)
        assert len(sent) == 1, (path, sent)


async def test_a_write_sends_begin_and_commit(committed_world: World) -> None:
    # Shows that the listener of the test above does see BEGIN.
    world = committed_world
    member = await world.member()
    with statements(world.runtime) as sent:
        expect(await member.patch("/users/me", json={"bio": "x"}), 200)
    words = [statement.split()[0].rstrip(";") for statement, _ in sent]
    assert "BEGIN" in words
    assert "COMMIT" in words


async def test_a_mark_is_one_statement_behind_the_check_of_the_caller(
    committed_world: World,
) -> None:
    world = committed_world
    member = await world.member()
    post = await world.post(await world.member())
    like, favorite = f"/posts/{post['id']}/like", f"/lounges/{post['lounge']['id']}/favorite"
    for path in (like, favorite):
        for call in (member.put, member.delete):
            with statements(world.runtime) as sent:
                expect(await call(path), 204)
            words = [statement.split()[0] for statement, _ in sent]
            assert words == ["SELECT", "WITH"], (path, sent)


async def test_what_looks_under_its_locks_is_one_statement_too(committed_world: World) -> None:
    world = committed_world
    author = await world.member()
    post = await world.post(author)
    await world.comment(await world.member(), post)
    (note,) = await author.ids("/notifications")
    mute, read = f"/posts/{post['id']}/mute", "/notifications/read"
    calls: list[tuple[str, str, dict[str, Any], int]] = [
        ("PUT", mute, {}, 1),
        ("DELETE", mute, {}, 1),
        ("POST", read, {"json": {"ids": [note]}}, 1),
        # Twice in one round trip: for the locks, and to look.
        ("POST", read, {"json": {"all": True}}, 2),
    ]
    for method, path, form, times in calls:
        with statements(world.runtime) as sent:
            expect(await author.call(method, path, **form), 204)
        caller, *writes = [statement for statement, _ in sent]
        assert caller.startswith("SELECT"), path
        assert len(writes) == times, (path, sent)
        assert len(set(writes)) == 1, (path, sent)
        assert writes[0].startswith("WITH"), path


async def test_a_refresh_is_a_look_and_an_exchange(committed_world: World) -> None:
    world = committed_world
    member = await world.member()
    with statements(world.runtime) as sent:
        form = {"refresh_token": member.refresh_token}
        expect(await world.anonymous().post("/auth/refresh", json=form), 200)
    assert [statement.split()[0] for statement, _ in sent] == ["SELECT", "WITH"]


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_comment_is_a_guard_and_a_write(committed_world: World, key: str | None) -> None:
    world = committed_world
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    parent = await world.comment(await world.member(), post)
    path = f"/posts/{post['id']}/comments"
    forms: list[dict[str, str]] = [{"body": "茶"}, {"body": "返信", "parent_id": parent["id"]}]
    # Warms up connections, caches and prepared statements.
    expect(await reader.post(path, json=forms[0]), 201)
    for number, form in enumerate(forms):
        with statements(world.runtime) as sent:
            expect(await reader.post(path, json=form, key=key and f"{key}{number}"), 201)
        guard, write = [statement for statement, _ in sent]
        assert "INSERT" not in guard
        assert "FOR " not in guard
        assert write.count("INSERT") == 7


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_post_is_a_guard_and_a_write(committed_world: World, key: str | None) -> None:
    world = committed_world
    author, lounge = await world.member(), await world.lounge()
    await world.post(author, lounge)  # Warms up connections, caches and prepared statements.
    images = [(await world.image(author))["id"] for _ in range(2)]
    form = {"lounge_id": lounge["id"], "title": "題", "body": "文", "image_ids": images}
    with statements(world.runtime) as sent:
        expect(await author.post("/posts", json=form, key=key), 201)
    guard, write = [statement for statement, _ in sent]
    assert "INSERT" not in guard
    assert write.count("INSERT") == 6
