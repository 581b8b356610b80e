"""`feed=favorites`: the posts in the caller's favorite lounges."""

from typing import Any

import pytest

from app.post.repository import feeds
from tests.support.api import Api, expect
from tests.support.lists import walk
from tests.support.sql import sql
from tests.support.world import World

FEED = {"feed": "favorites"}


async def ids(api: Api, **params: Any) -> list[str]:
    return [post["id"] for post in await walk(api, "/posts", **FEED, **params)]


class Scene:
    """Three lounges, of which the reader has two as favorites, and posts in all of them."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> "Scene":
        self.reader, self.author, self.other = [await self.world.member() for _ in range(3)]
        self.lounges = [await self.world.lounge() for _ in range(3)]
        for lounge in self.lounges[:2]:
            expect(await self.reader.put(f"/lounges/{lounge['id']}/favorite"), 204)
        self.posts = []
        for number in range(12):
            author = self.author if number % 4 else self.other
            fields = {"title": f"題 {number}", "body": "猫" if number % 2 else "犬"}
            post = await self.world.post(author, self.lounges[number % 3], **fields)
            self.posts.append(post)
        return self

    def expected(self, *lounges: int, author: Api | None = None, word: str = "") -> list[str]:
        wanted = {self.lounges[number]["id"] for number in lounges or (0, 1)}
        return [
            post["id"]
            for post in reversed(self.posts)
            if post["lounge"]["id"] in wanted
            and (author is None or post["author"]["id"] == author.id)
            and word in post["body"]
        ]


@pytest.fixture(params=["few", "many"])
async def scene(
    world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """With few favorites, and as if these were many, with short walks."""
    if request.param == "many":
        monkeypatch.setattr(feeds, "MOST_FAVORITES", 0)
        monkeypatch.setattr(feeds, "STEP", 3)
    feeds.favorites_feed.cache_clear()
    yield await Scene(world).start()
    feeds.favorites_feed.cache_clear()


async def test_it_goes_with_all_filters_but_not_with_relevance(scene: Scene) -> None:
    reader, first, third = scene.reader, scene.lounges[0], scene.lounges[2]
    assert await ids(reader) == scene.expected()
    assert await ids(reader, lounge_id=first["id"]) == scene.expected(0)
    assert await ids(reader, lounge_id=third["id"]) == []
    assert await ids(reader, author_id=scene.other.id) == scene.expected(author=scene.other)
    both = {"lounge_id": first["id"], "author_id": scene.author.id}
    assert await ids(reader, **both) == scene.expected(0, author=scene.author)
    assert await ids(reader, q="猫") == scene.expected(word="猫")
    assert await ids(reader, q="猫", lounge_id=first["id"]) == scene.expected(0, word="猫")
    assert await ids(reader, q="猫", lounge_id=third["id"]) == []
    of_author = scene.expected(word="猫", author=scene.author)
    assert await ids(reader, q="猫", author_id=scene.author.id) == of_author
    assert await ids(scene.author) == []
    for params in ({"sort": "relevance", "q": "猫"}, {"sort": "relevance"}):
        answer = await reader.get("/posts", params={**FEED, **params})
        (error,) = expect(answer, 422)["errors"]
        assert (error["field"], error["code"]) == ("query.sort", "not_with_feed")
    expect(await reader.get("/posts", params={"feed": "friends"}), 422)


async def test_it_shows_what_the_reader_sees_and_its_cursor_is_its_own(scene: Scene) -> None:
    reader, world = scene.reader, scene.world
    page = expect(await reader.get("/posts", params={**FEED, "limit": 2}), 200)
    cursor = page["next_cursor"]
    expect(await reader.get("/posts", params={"cursor": cursor}), 422, "invalid_cursor")
    hidden, muted, deleted = scene.posts[0], scene.posts[1], scene.posts[3]
    await world.hide_post(hidden)
    expect(await reader.put(f"/posts/{muted['id']}/mute"), 204)
    owner = scene.author if deleted["author"]["id"] == scene.author.id else scene.other
    expect(await owner.delete(f"/posts/{deleted['id']}"), 204)
    gone = {hidden["id"], muted["id"], deleted["id"]}
    assert await ids(reader) == [post for post in scene.expected() if post not in gone]
    await sql(world, "UPDATE lounges SET closed_at = now()")
    assert len(await ids(reader)) == len(scene.expected()) - 3, "closed favorites stay readable"
    expect(await reader.put(f"/users/{scene.author.id}/block"), 204)
    seen = scene.expected(author=scene.other)
    assert await ids(reader) == [post for post in seen if post not in gone]
    expect(await reader.delete(f"/lounges/{scene.lounges[0]['id']}/favorite"), 204)
    expect(await reader.delete(f"/lounges/{scene.lounges[1]['id']}/favorite"), 204)
    assert await ids(reader) == []
    guest = await world.guest()
    expect(await guest.put(f"/lounges/{scene.lounges[2]['id']}/favorite"), 204)
    assert len(await ids(guest)) == 4
