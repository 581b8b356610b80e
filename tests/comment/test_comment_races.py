"""Concurrent comments, on a pool with real commits.

Where two transactions must meet at one point, a third locks a row until both wait for it. The
outcome is then the same in every run.
"""

import asyncio
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.counts import WrongCount
from app.post.enums import Moderation
from tests.support.api import Api, expect
from tests.support.beside import beside
from tests.support.counts import wrong_counts
from tests.support.lists import comment_count
from tests.support.moderating import ban
from tests.support.moderation import moderate_comment, moderate_post
from tests.support.races import holding, start, until_waiting
from tests.support.sql import sql
from tests.support.world import World

POST_LOCK = "SELECT id FROM posts WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"


class Scene(NamedTuple):
    """A post, its author, and a reader who comments on it."""

    world: World
    author: Api
    reader: Api
    post: dict[str, Any]


@pytest.fixture
async def scene(committed_world: World) -> Scene:
    author, reader = await committed_world.member(), await committed_world.member()
    return Scene(committed_world, author, reader, await committed_world.post(author))


async def wrong_comment_counts(world: World) -> list[WrongCount]:
    """Wrong counts except the lounge's, for tests that delete a post by SQL."""
    kinds = ("posts.comment_count", "comments.reply_count")
    return [wrong for wrong in await wrong_counts(world) if wrong.kind in kinds]


async def test_concurrent_deletions_of_a_comment_count_once(scene: Scene) -> None:
    world, author, _, post = scene
    comment = await world.comment(author, post)
    lock = "SELECT id FROM comments WHERE id = CAST(:id AS uuid) FOR UPDATE"
    async with holding(world, lock, id=comment["id"]):
        calls = [start(author.delete(f"/comments/{comment['id']}")) for _ in range(2)]
        await until_waiting(world, 2)
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [204, 404]
    assert await comment_count(author, post) == 0


async def test_a_comment_waits_for_the_hiding_of_its_post_and_is_refused(scene: Scene) -> None:
    world, author, reader, post = scene
    path = f"/posts/{post['id']}/comments"
    async with world.runtime.writing() as ctx:
        await moderate_post(ctx, UUID(post["id"]), Moderation.HIDDEN)
        call = start(reader.post(path, json={"body": "遅れて"}))
        await until_waiting(world)
    expect(await call, 404, "post_not_found")
    assert await wrong_counts(world) == []
    await world.restore_post(post)
    assert await comment_count(author, post) == 0
    assert await author.items("/notifications") == []


async def test_a_comment_waits_for_the_closing_of_its_lounge_and_is_refused(scene: Scene) -> None:
    world, _, reader, post = scene
    path = f"/posts/{post['id']}/comments"
    async with holding(world, "SELECT id FROM lounges FOR UPDATE") as db:
        call = start(reader.post(path, json={"body": "遅れて"}))
        await until_waiting(world)
        await db.execute(text("UPDATE lounges SET closed_at = now()"))
    expect(await call, 409, "lounge_closed")
    assert await comment_count(reader, post) == 0
    assert await wrong_counts(world) == []


async def test_a_reply_waits_for_the_deletion_of_its_parent_and_is_refused(scene: Scene) -> None:
    world, author, reader, post = scene
    parent = await world.comment(author, post)
    path = f"/posts/{post['id']}/comments"
    for vanish in ("deleted_at = now()", "moderation = 'hidden'"):
        lock = f"UPDATE comments SET {vanish} WHERE id = CAST(:id AS uuid)"
        async with holding(world, lock, id=parent["id"]) as db:
            form = {"body": "遅れて", "parent_id": parent["id"]}
            call = start(reader.post(path, json=form))
            await until_waiting(world)
            await db.execute(text("UPDATE posts SET comment_count = 0"))
        expect(await call, 422, "invalid_parent")
        assert await wrong_counts(world) == []
        async with world.runtime.writing() as ctx:
            await ctx.db.execute(
                text("UPDATE comments SET deleted_at = NULL, moderation = 'visible'")
            )
            await ctx.db.execute(text("UPDATE posts SET comment_count = 1"))
    await world.comment(reader, post, "間に合った", parent)


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
async def test_a_comment_whose_post_is_being_deleted_can_be_deleted_and_not_changed(
    scene: Scene, method: str
) -> None:
    world, _, reader, post = scene
    comment = await world.comment(reader, post)
    await ban(await world.admin(), "禁句")
    lock = "UPDATE posts SET deleted_at = now() WHERE id = CAST(:id AS uuid)"
    async with holding(world, lock, id=post["id"]):
        # The post counts one less when a comment is held, so the edit waits for its row, too.
        form = {"body": "禁句"} if method == "PATCH" else None
        call = start(reader.call(method, f"/comments/{comment['id']}", json=form))
        await until_waiting(world)
    if method == "DELETE":
        expect(await call, 204)
    else:
        expect(await call, 404, "post_not_found")
    assert await wrong_comment_counts(world) == []


@pytest.mark.parametrize("state", ["hidden", "held"])
@pytest.mark.parametrize("turn", ["out of view", "back"])
async def test_a_comment_can_be_deleted_while_its_post_changes_its_state(
    scene: Scene, state: str, turn: str
) -> None:
    """Whether the caller can see the post is not checked, so it can't change in between."""
    world, _, reader, post = scene
    comment = await world.comment(reader, post)
    before, after = ("visible", state) if turn == "out of view" else (state, "visible")
    change = "UPDATE posts SET moderation = :moderation WHERE id = CAST(:id AS uuid)"
    await sql(world, change, moderation=before, id=post["id"])
    async with holding(world, change, moderation=after, id=post["id"]):
        call = start(reader.delete(f"/comments/{comment['id']}"))
        await until_waiting(world)
    expect(await call, 204)
    expect(await reader.delete(f"/comments/{comment['id']}"), 404, "comment_not_found")
    assert await wrong_comment_counts(world) == []


async def test_an_author_deletes_and_an_admin_hides_the_same_comment(scene: Scene) -> None:
    """One of them wins, and what the admin has hidden is not deleted."""
    world, _, reader, post = scene
    comment = await world.comment(reader, post)
    await world.hide_post(post)
    lock = "UPDATE comments SET moderation = 'hidden' WHERE id = CAST(:id AS uuid)"
    async with holding(world, lock, id=comment["id"]):
        call = start(reader.delete(f"/comments/{comment['id']}"))
        await until_waiting(world)
    expect(await call, 404, "comment_not_found")
    row = "SELECT deleted_at FROM comments WHERE id = CAST(:id AS uuid)"
    async with beside(world.runtime) as db:
        assert await db.first(text(row), id=comment["id"]) is None


async def test_a_comment_and_its_post_are_deleted_concurrently_without_a_deadlock(
    scene: Scene,
) -> None:
    world, author, reader, post = scene
    comment = await world.comment(reader, post)
    # Both calls lock the comment's post, and tell of its notification.
    async with holding(world, POST_LOCK, id=post["id"]):
        calls = [start(reader.delete(f"/comments/{comment['id']}"))]
        await until_waiting(world, 1)
        calls.append(start(author.delete(f"/posts/{post['id']}")))
        await until_waiting(world, 2)
    for answer in await asyncio.gather(*calls):
        assert answer.status_code == 204
    assert await wrong_counts(world) == []
    assert await author.items("/notifications") == []


async def test_a_comment_is_hidden_while_its_post_is_deleted_without_a_deadlock(
    scene: Scene,
) -> None:
    world, author, reader, post = scene
    comment = await world.comment(reader, post)

    async def hide() -> None:
        async with world.runtime.writing() as ctx:
            await moderate_comment(ctx, UUID(comment["id"]), Moderation.HIDDEN)

    async with holding(world, POST_LOCK, id=post["id"]):
        hiding = asyncio.ensure_future(hide())
        await until_waiting(world, 1)
        deleting = start(author.delete(f"/posts/{post['id']}"))
        await until_waiting(world, 2)
    await hiding
    expect(await deleting, 204)
    assert await wrong_counts(world) == []


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
async def test_a_comment_that_is_hidden_while_its_author_changes_it_stays_hidden(
    scene: Scene, method: str
) -> None:
    """The placeholder of a deleted comment would be visible, and with it the replies."""
    world, author, reader, post = scene
    thread = await world.comment(reader, post)
    await world.comment(author, post, "返信", thread)
    path, row = f"/comments/{thread['id']}", "SELECT id FROM comments WHERE id = CAST(:id AS uuid)"
    async with holding(world, f"{row} FOR UPDATE", id=thread["id"]):
        hiding = start(world.hide_comment(thread))
        await until_waiting(world)
        form = {"body": "別の言葉"} if method == "PATCH" else None
        change = start(reader.call(method, path, json=form))
        await until_waiting(world, 2)
    await hiding
    expect(await change, 404, "comment_not_found")
    assert await author.items(f"/posts/{post['id']}/comments") == []
    await world.restore_comment(thread)
    assert await author.ids(f"/posts/{post['id']}/comments") == [thread["id"]]
    assert await wrong_counts(world) == []


async def test_a_mute_during_a_comment_hides_its_notification(scene: Scene) -> None:
    world, author, reader, post = scene
    # The check of the comment's foreign key waits for it, when all else is written.
    lock = "SELECT id FROM users WHERE id = CAST(:id AS uuid) FOR UPDATE"
    path = f"/posts/{post['id']}"
    async with holding(world, lock, id=reader.id):
        comment = start(reader.post(f"{path}/comments", json={"body": "今"}))
        await until_waiting(world)
        expect(await author.put(f"{path}/mute"), 204)
    expect(await comment, 201)
    assert await author.items("/notifications") == []
    assert expect(await author.get("/notifications/unread-count"), 200) == {
        "count": 0,
        "more": False,
    }
    expect(await author.delete(f"{path}/mute"), 204)
    assert len(await author.items("/notifications")) == 1
