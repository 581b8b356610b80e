"""The databases of tests refuse a unit of work that changed what apps show and did not say so."""

from uuid import UUID

import pytest
from asyncpg import RaiseError
from sqlalchemy import text

from app.live_log.changes import Kind, NewChange
from app.post.models import PostMark
from app.post.service.marks import MarkService
from app.user.policy import Viewer
from tests.support.sql import sql
from tests.support.world import World

SILENT = (
    "UPDATE posts SET title = '別の題' WHERE id = :post",
    "UPDATE posts SET moderation = 'hidden' WHERE id = :post",
    "UPDATE comments SET body = '別の言葉' WHERE id = :comment",
    "UPDATE comments SET reply_count = 1 WHERE id = :comment",
    "DELETE FROM comments WHERE id = :comment",
    "UPDATE notifications SET read_at = now()",
    "DELETE FROM notifications",
    (
        "INSERT INTO announcements (title_ja, body_ja, push, created_by)"
        " VALUES ('題', '文', false, :one)"
    ),
    (
        "INSERT INTO announcement_marks (user_id, announcement_id, read_at)"
        " VALUES (:one, :post, now())"
    ),
    "INSERT INTO user_blocks (blocker_id, blocked_id) VALUES (:one, :other)",
    "INSERT INTO post_mutes (user_id, post_id) VALUES (:other, :post)",
    "INSERT INTO post_watches (user_id, post_id) VALUES (:other, :post)",
    "INSERT INTO lounge_favorites (user_id, lounge_id) VALUES (:other, :lounge)",
    "UPDATE lounges SET description = '別の説明' WHERE id = :lounge",
    "UPDATE users SET status = 'suspended' WHERE id = :one",
    "UPDATE user_sessions SET ended_at = now() WHERE user_id = :one",
)


async def test_what_is_not_said_is_refused(world: World) -> None:
    author, other = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(other, post)
    ids = {
        "post": post["id"], "comment": comment["id"], "lounge": post["lounge"]["id"],
        "one": author.id, "other": other.id,
    }  # fmt: skip
    for statement in SILENT:
        with pytest.raises(RaiseError, match="untold"):
            await _change(world, statement, ids)
    post_id, lounge_id = UUID(ids["post"]), UUID(ids["lounge"])
    said = NewChange(post_id, Kind.POST, post_id)
    with pytest.raises(RaiseError, match="in its lounge"):
        await _change(world, SILENT[0], ids, said)
    (note,) = await author.items("/notifications")
    everywhere = (said, NewChange(lounge_id, Kind.POST, post_id))
    with pytest.raises(RaiseError, match="notification"):
        await _change(world, SILENT[0], ids, *everywhere)
    of_note = NewChange(UUID(author.id), Kind.NOTIFICATION, UUID(note["id"]))
    await _change(world, SILENT[0], ids, *everywhere, of_note)
    # Of what is held others must not learn.
    held = "UPDATE comments SET moderation = 'held' WHERE id = :comment"
    told = NewChange(post_id, Kind.COMMENT, UUID(ids["comment"]))
    await _change(world, held, ids, told, of_note)
    again = "UPDATE comments SET body = 'まだ' WHERE id = :comment"
    with pytest.raises(RaiseError, match="its author alone"):
        await _change(world, again, ids, told, of_note)
    await _change(world, again, ids, told._replace(only_for=UUID(ids["other"])), of_note)


async def test_a_single_write_that_says_nothing_is_refused_and_leaves_nothing(world: World) -> None:
    post = await world.post(await world.member())
    async with world.runtime.single() as ctx:
        with pytest.raises(RaiseError, match="untold"):
            await ctx.db.driver("UPDATE posts SET title = '別の題' WHERE id = $1", UUID(post["id"]))
    (row,) = await sql(world, "SELECT title FROM posts")
    assert row["title"] == post["title"]


async def _change(world: World, statement: str, ids: dict[str, str], *changes: NewChange) -> None:
    async with world.runtime.writing() as ctx:
        used = {name: UUID(value) for name, value in ids.items() if f":{name}" in statement}
        await ctx.db.execute(text(statement), **used)
        for change in changes:
            ctx.changed(*change)


async def test_what_is_untold_stands_in_the_message_of_the_test_that_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mark(self: MarkService, _: type[PostMark], viewer: Viewer, post_id: UUID) -> None:
        plain = text("INSERT INTO post_watches (user_id, post_id) VALUES (:user, :post)")
        await self._ctx.db.execute(plain, user=viewer.user_id, post=post_id)

    monkeypatch.setattr(MarkService, "mark", mark)
    reader, post = await world.member(), await world.post(await world.member())
    with pytest.raises(AssertionError, match=f"untold: post_watches {post['id']}"):
        await reader.put(f"/posts/{post['id']}/watch")
