"""Unread notifications are counted up to 999, wherever they are counted."""

import orjson
import pytest

from app.notification_delivery.repository import unread
from tests.support.api import Api, expect
from tests.support.beside import raw_connection
from tests.support.jobs import NOTIFICATION_JOBS as JOBS
from tests.support.jobs import run_jobs
from tests.support.notifications import add_unread, register_device
from tests.support.sql import sql
from tests.support.statements import nodes, statements
from tests.support.world import World


async def badge(api: Api) -> tuple[int, bool]:
    """The count, which `/changes` tells, too."""
    counted = expect(await api.get("/notifications/unread-count"), 200)
    return counted["count"], counted["more"]


async def told_badge(api: Api, since: str) -> tuple[int, bool]:
    changes = expect(await api.get("/changes", params={"since": since}), 200)["changes"]
    (told,) = [change for change in changes if change["kind"] == "badge"]
    return told["unread"], told["more"]


async def cursor_of(api: Api) -> str:
    return str(expect(await api.get("/changes"), 200)["cursor"])


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, (1, False)), (997, (998, False)), (998, (999, False)), (999, (999, True))],
)
async def test_the_count_is_exact_up_to_999_and_then_says_that_there_are_more(
    world: World, number: int, expected: tuple[int, bool]
) -> None:
    author, reader = await world.member(), await world.member()
    await register_device(author, "phone")
    await add_unread(world, author, number)
    since = await cursor_of(author)
    await world.comment(reader, await world.post(author))
    assert await badge(author) == await told_badge(author, since) == expected
    await run_jobs(world, JOBS)
    assert world.push.sent[-1][0].badge == expected[0]


async def test_announcements_count_among_them(world: World) -> None:
    admin, reader = await world.admin(), await world.member()
    await add_unread(world, reader, 998)
    form = {"title_ja": "お知らせ", "body_ja": "本文", "push": False}
    for expected in ((999, False), (999, True)):
        since = await cursor_of(reader)
        expect(await admin.post("/admin/announcements", json=form), 201)
        assert await badge(reader) == await told_badge(reader, since) == expected
    expect(await reader.post("/notifications/read", json={"all": True}), 204)
    assert await badge(reader) == (0, False)


async def test_those_whose_post_is_out_of_sight_do_not_end_the_look(world: World) -> None:
    reader, writer = await world.member(), await world.member()
    comment = await world.comment(writer, await world.post(reader))
    await sql(world, "DELETE FROM notifications")
    await add_unread(world, reader, 3)
    ids = {"post_id": f"'{comment['post_id']}'", "comment_id": f"'{comment['id']}'"}
    await add_unread(world, reader, unread.LOOKED_AT + 1, type="'comment'", **ids)
    assert await badge(reader) == (999, True)
    path = f"/posts/{comment['post_id']}"
    expect(await reader.put(f"{path}/mute"), 204)
    assert await badge(reader) == (3, False)
    expect(await reader.delete(f"{path}/mute"), 204)
    await world.hide_post({"id": comment["post_id"]})
    assert await badge(reader) == (3, False)


async def test_many_of_a_blocked_user_end_the_look(world: World) -> None:
    """They are walked, but not without end. Then there may be more than were found."""
    reader, blocked, other = await world.member(), await world.member(), await world.member()
    await add_unread(world, reader, 2)
    await add_unread(world, reader, unread.LOOKED_AT - 3, actor_id=f"'{blocked.id}'")
    await add_unread(world, reader, 1, actor_id=f"'{other.id}'")
    expect(await reader.put(f"/users/{blocked.id}/block"), 204)
    assert await badge(reader) == (3, False)
    await add_unread(world, reader, 1, actor_id=f"'{blocked.id}'")
    assert await badge(reader) == (2, True)
    expect(await reader.delete(f"/users/{blocked.id}/block"), 204)
    assert await badge(reader) == (999, True)


@pytest.mark.parametrize("path", ["/notifications/unread-count", "/notifications?unread=true"])
async def test_the_mark_is_looked_up_once_and_not_for_each_that_it_may_cover(
    committed_world: World, path: str
) -> None:
    """What came within the hour before the mark is compared with it, one after the other."""
    world = committed_world
    reader = await world.member()
    await add_unread(world, reader, 500)
    expect(await reader.post("/notifications/read", json={"all": True}), 204)
    with statements(world.runtime) as sent:
        expect(await reader.get(path), 200)
    statement, parameters = next(each for each in sent if "notification_marks" in each[0])
    async with raw_connection(world.runtime) as raw:
        found = await raw.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *parameters)
    plan = (found if isinstance(found, list) else orjson.loads(found))[0]["Plan"]
    looks = [node for node in nodes(plan) if node.get("Relation Name") == "notification_marks"]
    assert looks
    assert sum(node["Actual Loops"] for node in looks) < 50
