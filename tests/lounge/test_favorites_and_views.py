"""Favorite lounges and recent views."""

import asyncio

from tests.support.api import expect
from tests.support.lists import lounges, walk
from tests.support.sql import count
from tests.support.world import World

# Favorites


async def test_setting_a_favorite_twice_counts_once(world: World) -> None:
    fan, other, lounge = await world.member(), await world.guest(), await world.lounge()
    path = f"/lounges/{lounge['id']}"
    for _ in range(2):
        expect(await fan.put(f"{path}/favorite"), 204)
    expect(await other.put(f"{path}/favorite"), 204)
    seen = expect(await fan.get(path), 200)
    assert (seen["favorite_count"], seen["is_favorite"]) == (2, True)
    assert await count(world, "lounge_favorites") == 2
    for _ in range(2):
        expect(await fan.delete(f"{path}/favorite"), 204)
    seen = expect(await fan.get(path), 200)
    assert (seen["favorite_count"], seen["is_favorite"]) == (1, False)
    (listed,) = await fan.items("/lounges")
    assert (listed["favorite_count"], listed["is_favorite"]) == (1, False)
    (listed,) = await other.items("/lounges")
    assert (listed["favorite_count"], listed["is_favorite"]) == (1, True)


async def test_the_favorites_list_has_only_the_callers_own_newest_first(world: World) -> None:
    fan, other = await world.member(), await world.member()
    made = [await world.lounge(f"{n} 号室") for n in range(4)]
    for place in [2, 0, 3, 1]:
        await fan.put(f"/lounges/{made[place]['id']}/favorite")
    await fan.delete(f"/lounges/{made[2]['id']}/favorite")
    await fan.put(f"/lounges/{made[2]['id']}/favorite")  # now the newest favorite
    await fan.put(f"/lounges/{made[0]['id']}/favorite")  # already a favorite: keeps its place
    wanted = ["2 号室", "1 号室", "3 号室", "0 号室"]
    assert await lounges(fan, "/lounges/favorites") == wanted
    walked = await walk(fan, "/lounges/favorites")
    assert [item["name"] for item in walked] == wanted
    assert all(item["is_favorite"] for item in walked)
    assert await lounges(other, "/lounges/favorites") == []


# Recent views


async def test_recent_views_list_each_lounge_once_latest_first(world: World) -> None:
    reader, other = await world.member(), await world.member()
    made = [await world.lounge(f"{n} 号室") for n in range(3)]
    for place in [0, 1, 2, 0]:
        expect(await reader.get(f"/lounges/{made[place]['id']}"), 200)
    await other.get(f"/lounges/{made[1]['id']}")
    await reader.get(f"/lounges/{made[1]['id']}/posts")  # reading its posts is not a view
    wanted = ["0 号室", "2 号室", "1 号室"]
    assert await lounges(reader, "/lounges/recent") == wanted
    assert [item["name"] for item in await walk(reader, "/lounges/recent")] == wanted
    expect(await reader.delete("/lounges/recent"), 204)
    expect(await reader.delete("/lounges/recent"), 204)
    assert await lounges(reader, "/lounges/recent") == []
    assert await lounges(other, "/lounges/recent") == ["1 号室"]


async def test_a_304_answer_still_counts_as_a_view(world: World) -> None:
    reader = await world.member()
    lounge, other = await world.lounge("甲"), await world.lounge("乙")
    path = f"/lounges/{lounge['id']}"
    first = await reader.get(path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"].startswith("private")
    await reader.get(f"/lounges/{other['id']}")
    for if_none_match in [tag, f"W/{tag}", f'"other", {tag}', "*"]:
        response = await reader.get(path, headers={"If-None-Match": if_none_match})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == tag
    assert await lounges(reader, "/lounges/recent") == ["甲", "乙"]
    await reader.put(f"{path}/favorite")
    changed = await reader.get(path, headers={"If-None-Match": tag})
    assert expect(changed, 200)["is_favorite"] is True
    assert changed.headers["etag"] != tag


async def test_concurrent_views_of_a_lounge_are_listed_once(committed_world: World) -> None:
    reader = await committed_world.member()
    made = [await committed_world.lounge(f"{n} 号室") for n in range(3)]
    views = [reader.get(f"/lounges/{lounge['id']}") for lounge in made for _ in range(4)]
    assert {answer.status_code for answer in await asyncio.gather(*views)} == {200}
    assert sorted(await lounges(reader, "/lounges/recent")) == ["0 号室", "1 号室", "2 号室"]
