"""`has_new`: whether a lounge has posts that are new to the caller, and that they see."""

from typing import Any

import pytest

from app.suspension.jobs import JOBS as SUSPENSION_JOBS
from tests.support.api import Api, expect
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.moderating import ban
from tests.support.sql import sql
from tests.support.world import World

LISTS = ("/lounges", "/lounges/favorites", "/lounges/recent")

_POSTS = """
    INSERT INTO posts (lounge_id, author_id, title, body)
    SELECT CAST(:lounge AS uuid), CAST(:author AS uuid), '題', '本文'
    FROM generate_series(1, :number)
"""


async def look(api: Api, lounge: dict[str, Any]) -> bool:
    """Look into a lounge. Returns what it said of the time before."""
    return bool(expect(await api.get(f"/lounges/{lounge['id']}"), 200)["has_new"])


async def set_status(admin: Api, user: Api, status: str, **more: Any) -> None:
    form = {"status": status, "reason": "理由", **more}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)


async def listed(api: Api, lounge: dict[str, Any], path: str = "/lounges") -> bool:
    (found,) = [item for item in await api.items(path) if item["id"] == lounge["id"]]
    return bool(found["has_new"])


async def test_it_is_true_until_the_caller_looks_and_after_each_new_post(world: World) -> None:
    author, reader, guest = await world.member(), await world.member(), await world.guest()
    lounge, other = await world.lounge(), await world.lounge()
    expect(await reader.put(f"/lounges/{lounge['id']}/favorite"), 204)
    assert await listed(reader, lounge), "never looked"
    assert await look(reader, lounge)
    for path in LISTS:
        assert not await listed(reader, lounge, path)
    assert await listed(reader, other)
    post = await world.post(author, lounge)
    for path in LISTS:
        assert await listed(reader, lounge, path)
    await reader.get(f"/lounges/{lounge['id']}/posts")
    assert await listed(reader, lounge), "a list of its posts is not a look"
    assert await look(reader, lounge), "it tells of the time before"
    assert not await look(reader, lounge)
    expect(await author.patch(f"/posts/{post['id']}", json={"body": "別の本文"}), 200)
    await world.comment(author, post)
    assert not await listed(reader, lounge), "neither an edit nor a comment is a post"
    assert await listed(guest, lounge), "each caller has their own"
    await look(guest, lounge)
    assert not await listed(guest, lounge)
    expect(await reader.delete("/lounges/recent"), 204)
    assert not await listed(reader, lounge), "to forget the list is not to forget the look"
    assert await reader.ids("/lounges/recent") == []
    await world.post(author, lounge)
    assert await look(reader, lounge)
    assert await reader.ids("/lounges/recent") == [lounge["id"]]


async def test_it_is_no_part_of_the_etag(world: World) -> None:
    author, reader = await world.member(), await world.member()
    lounge = await world.lounge()
    await world.post(author, lounge)
    first = await reader.get(f"/lounges/{lounge['id']}")
    second = await reader.get(f"/lounges/{lounge['id']}")
    assert (first.json()["has_new"], second.json()["has_new"]) == (True, False)
    assert first.headers["etag"] == second.headers["etag"]
    expect(await reader.put(f"/lounges/{lounge['id']}/notifications", json={"level": "all"}), 204)
    assert (await reader.get(f"/lounges/{lounge['id']}")).headers["etag"] != first.headers["etag"]


async def test_only_posts_of_others_that_the_caller_sees_are_new(world: World) -> None:
    author, blocked, reader = [await world.member() for _ in range(3)]
    admin = await world.admin()
    await ban(admin, "ばくだん")
    lounge = await world.lounge()
    await look(reader, lounge)
    expect(await reader.put(f"/users/{blocked.id}/block"), 204)

    await world.post(reader, lounge)
    await world.post(blocked, lounge)
    held = await world.post(author, lounge, title="ばくだん")
    hidden = await world.post(author, lounge)
    await world.hide_post(hidden)
    deleted = await world.post(author, lounge)
    expect(await author.delete(f"/posts/{deleted['id']}"), 204)
    muted = await world.post(author, lounge)
    expect(await reader.put(f"/posts/{muted['id']}/mute"), 204)
    leaver = await world.member()
    await world.post(leaver, lounge)
    await leave(leaver)
    assert not await listed(reader, lounge)

    changes = [
        (reader.delete(f"/posts/{muted['id']}/mute"), reader.put(f"/posts/{muted['id']}/mute")),
        (reader.delete(f"/users/{blocked.id}/block"), reader.put(f"/users/{blocked.id}/block")),
    ]
    for show, hide in changes:
        expect(await show, 204)
        assert await listed(reader, lounge)
        expect(await hide, 204)
        assert not await listed(reader, lounge)
    for post in (held, hidden):
        await world.restore_post(post)
        assert await listed(reader, lounge)
        await world.hide_post(post)
        assert not await listed(reader, lounge)


async def test_a_post_that_is_shown_after_the_look_is_new(world: World) -> None:
    """Its id is from before the look: it was written then."""
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    for state in ("held", "hidden", "hidden while held"):
        lounge = await world.lounge()
        post = await world.post(author, lounge, title="ばくだん" if "held" in state else "題")
        if state != "held":
            await world.hide_post(post)
        for api in (reader, author):
            await look(api, lounge)
            assert not await listed(api, lounge), state
        await world.restore_post(post)
        assert await listed(reader, lounge), state
        assert not await listed(author, lounge), "one's own are not new"
        assert await look(reader, lounge)
        assert not await listed(reader, lounge), state
        await world.hide_post(post)
        assert not await listed(reader, lounge), state


@pytest.mark.parametrize("how", ["hidden", "hidden with its author", "held"])
async def test_what_comes_back_is_new_to_those_only_who_looked_while_it_was_gone(
    world: World, how: str
) -> None:
    author, saw, looked = [await world.member() for _ in range(3)]
    admin = await world.admin()
    await ban(admin, "ばくだん")
    lounge = await world.lounge()
    post = await world.post(author, lounge)
    await look(saw, lounge)
    if how == "hidden":
        await world.hide_post(post)
    elif how == "held":
        expect(await author.patch(f"/posts/{post['id']}", json={"body": "ばくだん"}), 200)
    else:
        await set_status(admin, author, "suspended", hide_content=True)
        await run_jobs(world, SUSPENSION_JOBS)
    await look(looked, lounge)
    if how == "hidden with its author":
        await set_status(admin, author, "active")
        await run_jobs(world, SUSPENSION_JOBS)
    else:
        await world.restore_post(post)
    assert await saw.ids("/posts") == [post["id"]]
    assert not await listed(saw, lounge)
    assert await listed(looked, lounge)


async def test_what_comes_with_its_author_and_was_never_seen_is_new(world: World) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    lounge = await world.lounge()
    post = await world.post(author, lounge, title="ばくだん")
    await look(reader, lounge)
    await set_status(admin, author, "suspended", hide_content=True)
    await run_jobs(world, SUSPENSION_JOBS)
    await world.restore_post(post)
    assert not await listed(reader, lounge)
    await set_status(admin, author, "active")
    await run_jobs(world, SUSPENSION_JOBS)
    assert await reader.ids("/posts") == [post["id"]]
    assert await listed(reader, lounge)


async def test_it_looks_behind_many_posts_but_not_behind_any_number(world: World) -> None:
    blocked, author, reader = [await world.member() for _ in range(3)]
    lounge = await world.lounge()
    await look(reader, lounge)
    expect(await reader.put(f"/users/{blocked.id}/block"), 204)
    await world.post(author, lounge)
    flood = {"lounge": lounge["id"], "author": blocked.id}
    await sql(world, _POSTS, **flood, number=199)
    assert await listed(reader, lounge)
    await sql(world, _POSTS, **flood, number=1)
    assert not await listed(reader, lounge)


async def test_a_look_is_known_behind_the_fifty_latest(world: World) -> None:
    reader = await world.member()
    first = await world.lounge()
    await look(reader, first)
    for _ in range(50):
        await look(reader, await world.lounge())
    assert first["id"] not in await reader.ids("/lounges/recent", limit=100)
    assert not await look(reader, first)
