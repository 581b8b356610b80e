"""The keys of stored evidence. They must not change: cases of earlier releases have them too."""

from typing import Any
from uuid import UUID

from tests.support.api import expect
from tests.support.moderating import report
from tests.support.sql import sql
from tests.support.world import World, picture


async def stored_snapshot(world: World, target_id: str) -> dict[str, Any]:
    """The evidence as the database stores it."""
    rows = await sql(
        world, "SELECT snapshot FROM report_cases WHERE target_id = :id", id=UUID(target_id)
    )
    snapshot: dict[str, Any] = rows[0]["snapshot"]
    return snapshot


async def report_and_read_snapshot(world: World, kind: str, target_id: str) -> dict[str, Any]:
    await report(await world.member(), kind, target_id)
    return await stored_snapshot(world, target_id)


async def test_the_evidence_of_a_post_keeps_its_keys(world: World) -> None:
    author = await world.member("元の名前")
    image = await world.image(author)
    lounge = await world.lounge("元の部屋")
    post = await world.post(
        author, lounge, title="元の題", body="元の本文", image_ids=[image["id"]]
    )
    assert await report_and_read_snapshot(world, "post", post["id"]) == {
        "id": post["id"],
        "title": "元の題",
        "body": "元の本文",
        "author": "元の名前",
        "lounge": "元の部屋",
        "images": [image["url"]],
    }


async def test_the_evidence_of_a_comment_keeps_its_keys(world: World) -> None:
    author = await world.member("元の名前")
    post = await world.post(await world.member())
    comment = await world.comment(author, post, "元のコメント")
    assert await report_and_read_snapshot(world, "comment", comment["id"]) == {
        "id": comment["id"],
        "post_id": post["id"],
        "body": "元のコメント",
        "author": "元の名前",
    }


async def test_the_evidence_of_a_user_keeps_its_keys(world: World) -> None:
    author = await world.member("元の名前")
    expect(await author.patch("/users/me", json={"bio": "元の紹介"}), 200)
    me = expect(await author.upload(picture(), "/users/me/avatar", "PUT"), 200)
    await world.post(author)
    assert await report_and_read_snapshot(world, "user", author.id) == {
        "id": author.id,
        "nickname": "元の名前",
        "bio": "元の紹介",
        "avatar_url": me["avatar_url"],
        "post_count": 1,
    }


async def test_the_evidence_of_a_lounge_keeps_its_keys(world: World) -> None:
    lounge = await world.lounge("元の部屋")
    assert await report_and_read_snapshot(world, "lounge", lounge["id"]) == {
        "id": lounge["id"],
        "name": "元の部屋",
        "description": "試験用のラウンジ",
        "cover_url": None,
    }
