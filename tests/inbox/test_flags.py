"""`linky fill-notification-flags`: what the release before then shows of notifications.

Its statement, as it was, is asked what each reader sees, and compared with this release's list.
"""

from random import Random
from typing import Any

import pytest

from app.inbox.repository.flags import KNOWN_BEFORE
from app.inbox.service.flags import FlagService
from tests.support.api import Api, expect
from tests.support.sql import count, sql
from tests.support.world import World
from tools import releases

# `visible_to` of the release before.
BEFORE = """
    SELECT n.id, n.params FROM notifications n
    WHERE n.user_id = CAST(:reader AS uuid)
        AND NOT n.post_gone AND NOT n.comment_gone AND NOT n.post_muted
        AND NOT EXISTS (SELECT FROM user_departures WHERE user_id IN (n.actor_id, n.post_author_id))
        AND linky_hides_replies(
            n.user_id, CASE WHEN n.type IN ('comment', 'reply', 'watched') THEN n.parent_id END
        ) IS NOT TRUE
        AND NOT EXISTS (
            SELECT FROM user_blocks
            WHERE blocker_id = n.user_id AND blocked_id IN (n.actor_id, n.post_author_id)
        )
    ORDER BY n.id DESC
"""
NOTIFY = """
    INSERT INTO notifications (user_id, type, actor_id, post_author_id, post_id, comment_id,
        parent_id, lounge_id, params)
    SELECT u.id, t.type,
        CASE WHEN t.type = 'moderation' THEN NULL
            WHEN t.type = 'lounge_post' THEN p.author_id ELSE c.author_id END,
        CASE WHEN t.type = 'moderation' THEN NULL ELSE p.author_id END,
        p.id, CASE WHEN t.type <> 'lounge_post' THEN c.id END,
        CASE WHEN t.type <> 'lounge_post' THEN c.parent_id END, p.lounge_id,
        CASE WHEN t.type = 'lounge_post' THEN '{"lounge": "部屋"}'::jsonb ELSE '{}' END
    FROM users u, comments c JOIN posts p ON p.id = c.post_id,
        (VALUES ('comment'), ('lounge_post'), ('moderation')) t(type)
    WHERE u.id = CAST(:reader AS uuid)
        AND (t.type <> 'lounge_post' OR c.id = (
            SELECT x.id FROM comments x WHERE x.post_id = p.id ORDER BY x.id LIMIT 1
        ))
        AND c.author_id <> u.id
"""
STATES = ("moderation = 'visible'", "moderation = 'hidden'", "moderation = 'held'")
DELETED = "deleted_at = now(), body = ''"


async def in_any_states(world: World, random: Random) -> list[Api]:
    """Posts, comments and replies in any states, and readers with blocks, mutes, and all told."""
    people = [await world.member() for _ in range(4)]
    for _ in range(8):
        post = await world.post(random.choice(people), title=f"題{random.random()}")
        for _ in range(3):
            comment = await world.comment(random.choice(people), post, "長い 言葉\n" * 40)
            await world.comment(random.choice(people), post, "返信", comment)
    await sql(world, "DELETE FROM notifications")
    for table in ("posts", "comments"):
        for row in await sql(world, f"SELECT id FROM {table} ORDER BY id"):
            changes = [state for state in STATES if random.random() < 0.3][:1]
            if random.random() < 0.15:
                changes = [DELETED + (", title = ''" if table == "posts" else "")]
            for change in changes:
                update = f"UPDATE {table} SET {change} WHERE id = CAST(:id AS uuid)"
                await sql(world, update, id=str(row["id"]))
    for reader in people:
        await sql(world, NOTIFY, reader=reader.id)
        for row in await sql(world, "SELECT id FROM posts ORDER BY id"):
            if random.random() < 0.15:
                ids = {"reader": reader.id, "post": str(row["id"])}
                mute = "INSERT INTO post_mutes (user_id, post_id) VALUES (:reader, :post)"
                await sql(world, mute, **ids)
    blocker, blocked, leaver, _ = people
    expect(await blocker.put(f"/users/{blocked.id}/block"), 204)
    if random.random() < 0.5:
        await sql(world, "INSERT INTO user_departures (user_id) VALUES (:id)", id=leaver.id)
    return people


async def fill(world: World) -> int:
    async with world.runtime.writing() as ctx:
        return await ctx.service(FlagService).fill()


@pytest.mark.parametrize("seed", range(4))
async def test_the_release_before_shows_what_this_one_shows(world: World, seed: int) -> None:
    people = await in_any_states(world, Random(seed))
    assert await fill(world) > 0
    seen = of_new_types = 0
    for reader in people:
        shown = await reader.items("/notifications", limit=100)
        known = [item for item in shown if item["type"] in KNOWN_BEFORE]
        of_new_types += len(shown) - len(known)
        before = await sql(world, BEFORE, reader=reader.id)
        assert [str(row["id"]) for row in before] == [item["id"] for item in known]
        for row, item in zip(before, known, strict=True):
            ensure_says(row["params"], item)
        seen += len(shown)
    assert of_new_types > 0, "there are those that it could not show"
    assert 0 < seen < await count(world, "notifications")
    # What is right stays as it is.
    assert await fill(world) == 0


def ensure_says(params: dict[str, str], item: dict[str, Any]) -> None:
    """That what is stored has the words of what is shown."""
    if item["type"] == "moderation":
        opens = params["comment_shown"] == "yes" and params["post_shown"] != "no"
        assert opens == (item["url"] is not None)
        return
    assert params["body"] == item["body"]
    if item["type"] == "comment":
        assert params["post"] in item["title"]


def test_the_types_that_the_release_before_knows_are_those_of_its_document() -> None:
    (first, *_) = releases.releases()
    schema = first.document()["components"]["schemas"]["NotificationType"]
    assert (first.version, set(KNOWN_BEFORE)) == ("0.1.0", set(schema["enum"]))


async def test_nothing_of_what_is_deleted_is_filled_in(world: World) -> None:
    author, writer = await world.member(), await world.member()
    comment = await world.comment(writer, await world.post(author))
    expect(await writer.delete(f"/comments/{comment['id']}"), 204)
    await fill(world)
    assert await count(world, "notifications", "comment_gone AND params = '{}'") == 1
