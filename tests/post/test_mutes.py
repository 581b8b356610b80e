"""Posts that a user has muted, and their list, `GET /users/me/mutes`."""

from datetime import datetime

from tests.support.api import expect
from tests.support.world import World

PATH = "/users/me/mutes"


async def test_muted_posts_are_listed_with_the_latest_mute_first(world: World) -> None:
    author, reader, guest = await world.member(), await world.member(), await world.guest()
    posts = [await world.post(author) for _ in range(3)]
    for post in (posts[1], posts[2], posts[0]):
        expect(await reader.put(f"/posts/{post['id']}/mute"), 204)
    expect(await reader.put(f"/posts/{posts[1]['id']}/mute"), 204)  # Once more changes nothing.
    mutes = await reader.items(PATH)
    assert [mute["post"]["id"] for mute in mutes] == [posts[i]["id"] for i in (0, 2, 1)]
    assert mutes[0]["post"] == {name: posts[0][name] for name in ("id", "title", "lounge", "url")}
    assert mutes[0]["post"]["url"] == f"http://test/p/{posts[0]['id']}"
    times = [mute["muted_at"] for mute in mutes]
    assert all(time.endswith("Z") for time in times)
    assert sorted(map(datetime.fromisoformat, times), reverse=True) == [
        datetime.fromisoformat(time) for time in times
    ]
    assert await guest.items(PATH) == []
    expect(await guest.put(f"/posts/{posts[0]['id']}/mute"), 204)
    assert [mute["post"]["id"] for mute in await guest.items(PATH)] == [posts[0]["id"]]
    expect(await reader.delete(f"/posts/{posts[2]['id']}/mute"), 204)
    assert [mute["post"]["id"] for mute in await reader.items(PATH)] == [
        posts[i]["id"] for i in (0, 1)
    ]
    expect(await world.anonymous().get(PATH), 401, "not_authenticated")


async def test_a_post_that_is_gone_is_left_out_until_it_is_back(world: World) -> None:
    author, troll, reader = await world.member(), await world.member(), await world.member()
    deleted, hidden = await world.post(author), await world.post(author)
    blocked, own = await world.post(troll), await world.post(reader)
    for post in (deleted, hidden, blocked, own):
        expect(await reader.put(f"/posts/{post['id']}/mute"), 204)
    assert len(await reader.items(PATH)) == 4
    expect(await author.delete(f"/posts/{deleted['id']}"), 204)
    await world.hide_post(hidden)
    expect(await reader.put(f"/users/{troll.id}/block"), 204)
    assert [mute["post"]["id"] for mute in await reader.items(PATH)] == [own["id"]]
    await world.restore_post(hidden)
    expect(await reader.delete(f"/users/{troll.id}/block"), 204)
    assert [mute["post"]["id"] for mute in await reader.items(PATH)] == [
        post["id"] for post in (own, blocked, hidden)
    ]
