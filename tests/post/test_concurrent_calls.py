"""Concurrent calls on a post, and lists that take one statement each."""

import asyncio
from typing import Any
from uuid import UUID

from tests.support.api import expect
from tests.support.sql import count, sql
from tests.support.world import World


async def test_concurrent_calls_on_a_post_do_not_deadlock_and_counts_stay_right(
    committed_world: World,
) -> None:
    world = committed_world
    author, lounge = await world.member(), await world.lounge()
    fans = [await world.member() for _ in range(3)]
    form = {"lounge_id": lounge["id"], "title": "題", "body": "文"}
    for end in ["delete", "hide", "change"]:
        image = await world.image(author)
        post = await world.post(author, lounge, image_ids=[image["id"]])
        path = f"/posts/{post['id']}"
        ends: dict[str, Any] = {
            "delete": lambda path=path: author.delete(path),
            "hide": lambda post=post: world.hide_post(post),
            "change": lambda path=path: author.patch(path, json={"title": "新", "image_ids": []}),
        }
        answers = await asyncio.gather(
            *(fan.put(f"{path}/like") for fan in fans),
            *(fan.post(f"{path}/comments", json={"body": "x"}) for fan in fans),
            ends[end](),
            *(fan.put(f"{path}/mute") for fan in fans[:1]),
            *(fan.post("/posts", json=form) for fan in fans),
            *(fan.delete(f"{path}/like") for fan in fans[:2]),
        )
        seen = {answer.status_code for answer in answers if answer is not None}
        assert seen <= {200, 201, 204, 404}, seen
        (row,) = await sql(world, "SELECT * FROM posts WHERE id = :id", id=UUID(post["id"]))
        own = "post_id = :id"
        if row["deleted_at"] is None:
            assert row["like_count"] == await count(world, "post_likes", own, id=row["id"])
            assert row["comment_count"] == await count(world, "comments", own, id=row["id"])
    visible = "deleted_at IS NULL AND moderation = 'visible'"
    total = await count(world, "posts", visible)
    assert total == 10
    assert expect(await author.get(f"/lounges/{lounge['id']}"), 200)["post_count"] == total
