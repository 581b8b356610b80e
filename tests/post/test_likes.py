"""Likes and favorites, also at the same moment as other writes: each is one statement."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.core.errors import SessionRevoked
from app.lounge.service import LoungeService
from app.post.models import PostLike
from app.post.service.marks import MarkService
from app.user.enums import Role
from app.user.policy import Viewer
from tests.support.api import Api, expect
from tests.support.counts import wrong_counts
from tests.support.lists import posts, walk
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count, sql
from tests.support.world import World


async def viewer_of(world: World, api: Api) -> Viewer:
    (row,) = await sql(
        world, "SELECT id FROM user_sessions WHERE user_id = CAST(:id AS uuid)", id=api.id
    )
    return Viewer(UUID(api.id), row["id"], Role.USER)


async def test_a_like_counts_once_however_often_it_is_set(world: World) -> None:
    author, fan, other = [await world.member() for _ in range(3)]
    post = await world.post(author)
    path = f"/posts/{post['id']}"
    for _ in range(2):
        expect(await fan.put(f"{path}/like"), 204)
    expect(await author.put(f"{path}/like"), 204)
    seen = expect(await fan.get(path), 200)
    assert (seen["like_count"], seen["liked"]) == (2, True)
    assert seen["updated_at"] == post["updated_at"]
    for _ in range(2):
        expect(await fan.delete(f"{path}/like"), 204)
    expect(await other.delete(f"{path}/like"), 204)
    (seen,) = await fan.items("/posts")
    assert (seen["like_count"], seen["liked"]) == (1, False)
    (seen,) = await author.items("/users/me/likes")
    assert (seen["like_count"], seen["liked"]) == (1, True)


async def test_liked_posts_are_private_and_ordered_by_the_time_of_the_like(world: World) -> None:
    author, fan = await world.member(), await world.member()
    made = [await world.post(author) for _ in range(4)]
    for place in [2, 0, 3, 1]:
        expect(await fan.put(f"/posts/{made[place]['id']}/like"), 204)
    wanted = [made[place]["id"] for place in (1, 3, 0, 2)]
    assert await posts(fan, "/users/me/likes") == wanted
    walked = await walk(fan, "/users/me/likes")
    assert [post["id"] for post in walked] == wanted
    assert all(post["liked"] for post in walked)
    expect(await fan.put(f"/posts/{made[0]['id']}/mute"), 204)
    assert await posts(fan, "/users/me/likes") == [wanted[0], wanted[1], wanted[3]]
    assert await posts(author, "/users/me/likes") == []


# At once


async def test_the_same_mark_many_times_at_once_counts_once(committed_world: World) -> None:
    world = committed_world
    fan, post = await world.member(), await world.post(await world.member())
    like, favorite = f"/posts/{post['id']}/like", f"/lounges/{post['lounge']['id']}/favorite"
    for path, table in ((like, "post_likes"), (favorite, "lounge_favorites")):
        for call, left in ((fan.put, 1), (fan.delete, 0)):
            for answer in await asyncio.gather(*(call(path) for _ in range(6))):
                expect(answer, 204)
            assert await count(world, table) == left
            assert await wrong_counts(world) == []


async def test_marks_of_many_at_once_are_all_counted(committed_world: World) -> None:
    world = committed_world
    author = await world.member()
    post = await world.post(author)
    fans = [author, *[await world.member() for _ in range(5)]]
    like, favorite = f"/posts/{post['id']}/like", f"/lounges/{post['lounge']['id']}/favorite"
    for _ in range(3):
        calls = [fan.put(path) for fan in fans for path in (like, favorite)]
        calls += [fan.delete(path) for fan in fans[:3] for path in (like, favorite)]
        for answer in await asyncio.gather(*calls):
            expect(answer, 204)
        assert await wrong_counts(world) == []


async def test_a_like_of_a_post_that_is_deleted_meanwhile_is_not_counted(
    committed_world: World,
) -> None:
    world = committed_world
    fan, post = await world.member(), await world.post(await world.member())
    delete = "UPDATE posts SET deleted_at = now() WHERE id = CAST(:id AS uuid)"
    async with holding(world, delete, id=post["id"]):
        like = start(fan.put(f"/posts/{post['id']}/like"))
        await until_waiting(world)
    expect(await like, 204)
    (row,) = await sql(world, "SELECT like_count FROM posts")
    assert row["like_count"] == 0


Write = Callable[[World, Viewer, dict[str, Any]], Awaitable[None]]


async def like(world: World, viewer: Viewer, post: dict[str, Any]) -> None:
    async with world.runtime.single() as ctx:
        await ctx.service(MarkService).mark(PostLike, viewer, UUID(post["id"]))


async def favorite(world: World, viewer: Viewer, post: dict[str, Any]) -> None:
    async with world.runtime.single() as ctx:
        await ctx.service(LoungeService).add_favorite(viewer, UUID(post["lounge"]["id"]))


@pytest.mark.parametrize("write", [like, favorite])
async def test_a_session_that_ended_after_the_check_writes_nothing(
    world: World, write: Write
) -> None:
    fan, other = await world.member(), await world.member()
    post = await world.post(other)
    viewer = await viewer_of(world, fan)
    with pytest.raises(SessionRevoked):
        await write(world, replace(viewer, user_id=UUID(other.id)), post)
    await sql(
        world, "UPDATE user_sessions SET ended_at = now() WHERE id = :id", id=viewer.session_id
    )
    with pytest.raises(SessionRevoked):
        await write(world, viewer, post)
    assert await count(world, "post_likes") + await count(world, "lounge_favorites") == 0


async def test_a_mark_in_a_transaction_is_rolled_back_with_it(world: World) -> None:
    """The seed's likes are in its transaction; a route's like commits by itself."""
    viewer = await viewer_of(world, await world.member())
    post = await world.post(await world.member())

    async def like_and_fail() -> None:
        async with world.runtime.writing() as ctx:
            await ctx.service(MarkService).mark(PostLike, viewer, UUID(post["id"]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await like_and_fail()
    assert await count(world, "post_likes") == 0
