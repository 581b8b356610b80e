"""A suspension that hides all that a user wrote, and the exact way back."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.admin import jobs as admin_jobs
from app.api import JOBS as ALL_JOBS
from app.image.jobs import JOBS as IMAGE_JOBS
from app.suspension.jobs import JOBS
from app.suspension.service.hiding import ContentHidingService, ContentOf
from app.user.service.users import UserService
from tests.support.api import Api, expect
from tests.support.counts import wrong_counts
from tests.support.jobs import run_jobs
from tests.support.moderating import ban, last_act
from tests.support.notifications import notification_kinds
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count, sql
from tests.support.storage import stored
from tests.support.world import World, token

WHY = {"reason": "規約違反"}
HIDE = {"status": "suspended", "hide_content": True, **WHY}
RESTORE = {"status": "active", **WHY}


async def change(admin: Api, user: Api, form: dict[str, Any]) -> dict[str, Any]:
    return dict(expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200))


async def states(world: World, user: Api) -> dict[str, str]:
    """The moderation of all that a user wrote, deleted or not."""
    rows = await sql(
        world,
        "SELECT id, moderation, deleted_at IS NULL AS here FROM posts WHERE author_id = :id"
        " UNION ALL"
        " SELECT id, moderation, deleted_at IS NULL FROM comments WHERE author_id = :id",
        id=UUID(user.id),
    )
    return {str(row["id"]): f"{row['moderation']} {row['here']}" for row in rows}


async def seen(reader: Api, post: dict[str, Any]) -> int:
    return (await reader.get(f"/posts/{post['id']}")).status_code


async def test_all_is_hidden_and_exactly_that_comes_back(world: World) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    word = f"禁{token()}"
    await ban(admin, word)
    lounge = await world.lounge()
    image = await world.image(author)
    shown = await world.post(author, lounge, image_ids=[image["id"]])
    hidden, deleted, held = [await world.post(author, lounge) for _ in range(2)] + [
        await world.post(author, lounge, body=word)
    ]
    others = await world.post(reader, lounge)
    thread = await world.comment(author, others)
    reply = await world.comment(author, others, parent=await world.comment(reader, others))
    answer = await world.comment(reader, others, parent=thread)
    hidden_comment = await world.comment(author, shown)
    expect(await admin.post(f"/admin/posts/{hidden['id']}/hide", json=WHY), 204)
    expect(await admin.post(f"/admin/comments/{hidden_comment['id']}/hide", json=WHY), 204)
    expect(await author.delete(f"/posts/{deleted['id']}"), 204)
    before, told = await states(world, author), await notification_kinds(reader)
    counts = (await reader.get(f"/posts/{others['id']}")).json()["comment_count"]
    assert counts == 4

    await change(admin, author, HIDE)
    await run_jobs(world, [*JOBS, *IMAGE_JOBS])
    assert await seen(reader, shown) == 404
    # One's own words are never hidden from oneself.
    assert (await reader.get(f"/comments/{answer['id']}")).status_code == 200
    assert (await admin.get(f"/comments/{answer['id']}")).status_code == 404
    assert (await reader.get(f"/posts/{others['id']}")).json()["comment_count"] == 1
    assert [kind for kind, _ in await notification_kinds(reader)] == []
    assert all("hidden" in at for at in stored(world) if image["id"] not in at)
    now = await states(world, author)
    assert now[held["id"]] == before[held["id"]] == "held True"
    assert now[shown["id"]] == now[thread["id"]] == now[reply["id"]] == "hidden True"
    assert await wrong_counts(world) == []
    user = expect(await admin.get(f"/admin/users/{author.id}"), 200)
    assert (user["status"], user["hide_content"], user["until"]) == ("suspended", True, None)

    await change(admin, author, RESTORE)
    await run_jobs(world, [*JOBS, *IMAGE_JOBS])
    assert await states(world, author) == before
    assert await notification_kinds(reader) == told
    assert await seen(reader, shown) == 200
    assert (await reader.get(f"/posts/{others['id']}")).json()["comment_count"] == counts
    assert not any(at.startswith("hidden/") and image["id"] in at for at in stored(world))
    assert await wrong_counts(world) == []


async def test_what_an_admin_decides_meanwhile_shows_with_the_whole(world: World) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    kept, shown, back, before = [await world.post(author) for _ in range(4)]
    comment = await world.comment(author, await world.post(reader))
    expect(await admin.post(f"/admin/posts/{before['id']}/hide", json=WHY), 204)
    await change(admin, author, HIDE)
    await run_jobs(world, JOBS)
    expect(await admin.post(f"/admin/posts/{kept['id']}/hide", json=WHY), 204)
    expect(await admin.post(f"/admin/comments/{comment['id']}/hide", json=WHY), 204)
    expect(await admin.post(f"/admin/posts/{shown['id']}/restore", json=WHY), 204)
    await run_jobs(world, JOBS)
    posts = (kept, shown, back, before)
    assert [await seen(reader, post) for post in posts] == [404] * 4
    assert [item["type"] for item in await author.items("/notifications")] == ["moderation"] * 3
    # Another act on the suspension changes nothing of that.
    await change(admin, author, {"hide_content": True, **WHY})
    await run_jobs(world, JOBS)
    assert [await seen(reader, post) for post in posts] == [404] * 4
    await change(admin, author, RESTORE)
    await run_jobs(world, JOBS)
    assert [await seen(reader, post) for post in posts] == [404, 200, 200, 404]
    assert (await reader.get(f"/comments/{comment['id']}")).status_code == 404
    assert await wrong_counts(world) == []


async def test_a_suspension_can_begin_or_cease_to_hide(world: World) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    post = await world.post(author)
    steps: list[tuple[dict[str, Any], int]] = [
        ({"status": "suspended", **WHY}, 200),
        ({"hide_content": True}, 404),
        ({"status": "suspended", "reason": "二度目"}, 404),
        ({"hide_content": False}, 200),
        ({"hide_content": True}, 404),
        (RESTORE, 200),
    ]
    for form, status in steps:
        await change(admin, author, form)
        await run_jobs(world, JOBS)
        assert await seen(reader, post) == status, form


async def test_a_timed_suspension_shows_all_again_at_its_end(world: World) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    post = await world.post(author)
    until = (world.clock() + timedelta(minutes=20)).isoformat()
    await change(admin, author, {**HIDE, "until": until})
    await run_jobs(world, JOBS)
    assert await seen(reader, post) == 404
    world.clock.advance(seconds=1201)
    async with world.runtime.writing() as ctx:
        await admin_jobs.end_suspensions(ctx)
    await run_jobs(world, [*JOBS, *admin_jobs.JOBS])
    assert await seen(reader, post) == 200
    entry = await last_act(admin)
    assert (entry["action"], entry["address"]) == ("user.changed", "timer")
    assert entry["actor"]["id"] is None
    assert (entry["before"]["status"], entry["after"]["status"]) == ("suspended", "active")
    assert entry["before"]["hide_content"] is True


# At once


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_what_was_being_written_is_hidden_too(committed_world: World, kind: str) -> None:
    """Its id is older than that of what was written after it, and hidden before it."""
    world = committed_world
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    lounge = await world.lounge()
    place = await world.post(reader, lounge)
    locks = {
        "post": ("SELECT id FROM lounges WHERE id = CAST(:id AS uuid) FOR UPDATE", lounge),
        "comment": ("SELECT id FROM posts WHERE id = CAST(:id AS uuid) FOR UPDATE", place),
    }
    statement, locked = locks[kind]
    write = world.post(author, lounge) if kind == "post" else world.comment(author, place)
    async with holding(world, statement, id=locked["id"]):
        writing = start(write)
        await until_waiting(world)
        await world.post(author)
        await change(admin, author, HIDE)
        hiding = start(run_jobs(world, JOBS))
        await until_waiting(world, 2)
    late = await writing
    await hiding
    assert (await reader.get(f"/{kind}s/{late['id']}")).status_code == 404
    assert await wrong_counts(world) == []


async def test_the_last_look_begins_at_the_start(world: World) -> None:
    """Ids are made before a write waits, so what is written late has any id."""
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(author, await world.post(reader))
    await change(admin, author, HIDE)
    await run_jobs(world, JOBS)
    # Shown past the job that waits for its look.
    await change(admin, author, {"hide_content": False})
    await run_jobs(world, JOBS)
    assert await seen(reader, post) == 200
    hides = "UPDATE users SET suspension_hides = true WHERE id = :id"
    await sql(world, hides, id=UUID(author.id))
    await sql(world, "UPDATE pgqueuer SET execute_after = now()")
    await run_jobs(world, JOBS)
    assert await seen(reader, post) == 404
    assert (await reader.get(f"/comments/{comment['id']}")).status_code == 404
    assert await wrong_counts(world) == []


async def test_what_is_taken_back_while_the_job_runs_ends_shown(committed_world: World) -> None:
    world = committed_world
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    posts = [await world.post(author) for _ in range(3)]
    await change(admin, author, HIDE)
    post = "SELECT id FROM posts WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
    async with holding(world, post, id=posts[1]["id"]):
        hiding = start(run_jobs(world, JOBS))
        await until_waiting(world)
        await change(admin, author, RESTORE)
    await hiding
    await run_jobs(world, JOBS)
    assert [await seen(reader, post) for post in posts] == [200] * 3
    assert await wrong_counts(world) == []


async def test_what_is_shown_again_does_not_wait_for_what_its_author_writes(
    committed_world: World,
) -> None:
    world = committed_world
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    post = await world.post(author)
    await change(admin, author, HIDE)
    await run_jobs(world, JOBS)
    await change(admin, author, RESTORE)
    async with world.runtime.writing() as ctx:
        await ctx.service(UserService).late(UUID(author.id))
        await run_jobs(world, JOBS)
    assert await seen(reader, post) == 200


async def test_a_job_of_an_older_decision_follows_the_newest(committed_world: World) -> None:
    """Jobs run in any order, and twice."""
    world = committed_world
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    post = await world.post(author)
    for form in (HIDE, RESTORE, HIDE):
        await change(admin, author, form)

    async def settle() -> None:
        async with world.runtime.writing() as ctx:
            await ContentHidingService(ctx).settle(ContentOf(UUID(author.id)))

    await asyncio.gather(settle(), settle(), settle())
    assert await seen(reader, post) == 404
    await change(admin, author, RESTORE)
    await asyncio.gather(settle(), settle(), settle())
    await run_jobs(world, ALL_JOBS)
    assert await seen(reader, post) == 200
    assert await wrong_counts(world) == []


@pytest.mark.parametrize("kind", ["posts", "comments"])
@pytest.mark.parametrize("begins", [True, False])
async def test_what_an_admin_hides_while_the_job_waits_for_it_stays_hidden(
    committed_world: World, kind: str, begins: bool
) -> None:
    """The job has listed it before, and looks at it again when it has the lock."""
    world = committed_world
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    made = {
        "posts": await world.post(author),
        "comments": await world.comment(author, await world.post(reader)),
    }
    path = f"/{kind}/{made[kind]['id']}"
    await change(admin, author, HIDE)
    if not begins:
        await run_jobs(world, JOBS)
        await change(admin, author, RESTORE)
    row = f"SELECT id FROM {kind} WHERE id = CAST(:id AS uuid) FOR UPDATE"
    async with holding(world, row, id=made[kind]["id"]):
        act = start(admin.post(f"/admin{path}/hide", json=WHY))
        await until_waiting(world)
        job = start(run_jobs(world, JOBS))
        await until_waiting(world, 2)
    expect(await act, 204)
    await job
    await change(admin, author, RESTORE)
    await run_jobs(world, JOBS)
    assert await states(world, author) == {
        thing["id"]: "hidden True" if name == kind else "visible True"
        for name, thing in made.items()
    }
    assert await wrong_counts(world) == []


async def test_a_thread_that_is_deleted_while_the_job_waits_for_it_keeps_its_placeholder(
    committed_world: World,
) -> None:
    """Nothing would show a hidden placeholder again, nor the replies of others below it."""
    world = committed_world
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    post = await world.post(reader)
    thread = await world.comment(author, post)
    reply = await world.comment(reader, post, parent=thread)
    await change(admin, author, HIDE)
    row = "SELECT id FROM comments WHERE id = CAST(:id AS uuid) FOR UPDATE"
    async with holding(world, row, id=thread["id"]) as db:
        job = start(run_jobs(world, JOBS))
        await until_waiting(world)
        delete = "UPDATE comments SET deleted_at = now(), body = '' WHERE id = CAST(:id AS uuid)"
        await db.execute(text(delete), id=thread["id"])
    await job
    (place,) = await reader.items(f"/posts/{post['id']}/comments")
    assert (place["id"], place["deleted"]) == (thread["id"], True)
    expect(await reader.get(f"/comments/{reply['id']}"), 200)


@pytest.mark.parametrize("table", ["posts", "comments"])
async def test_hiding_waits_for_a_fan_out(committed_world: World, table: str) -> None:
    """Otherwise the rest of its batch would be seen, and pushed, after the content is hidden."""
    world = committed_world
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    await world.post(author)
    await world.comment(author, await world.post(reader))
    await change(admin, author, HIDE)
    lock = f"SELECT id FROM {table} WHERE author_id = CAST(:author AS uuid) FOR KEY SHARE"
    async with holding(world, lock, author=author.id):
        hiding = start(run_jobs(world, JOBS))
        await until_waiting(world)
        assert not hiding.done()
    await hiding
    mine = {"author": UUID(author.id)}
    assert await count(world, table, "author_id = :author AND hidden_with_author", **mine) == 1


# In batches


async def test_all_is_hidden_and_shown_in_batches_after_a_killed_job(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("post", "comment"):
        monkeypatch.setattr(f"app.{kind}.service.author_content.AUTHOR_BATCH_ROWS", 2)
    world = committed_world
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    lounge, other = await world.lounge(), await world.post(reader)
    for _ in range(7):
        await world.post(author, lounge)
    for _ in range(3):
        await world.comment(author, other)
    before = await states(world, author)
    await change(admin, author, HIDE)

    async def kill_in_the_middle() -> None:
        async with world.runtime.writing() as ctx:
            await ContentHidingService(ctx).settle(ContentOf(UUID(author.id)))
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await kill_in_the_middle()
    assert await states(world, author) == before
    # A job for each two posts; two of the others tell the user.
    assert 4 <= await run_jobs(world, JOBS) <= 8
    assert set((await states(world, author)).values()) == {"hidden True"}
    assert await wrong_counts(world) == []
    await change(admin, author, RESTORE)
    await run_jobs(world, JOBS)
    assert await states(world, author) == before
    assert await wrong_counts(world) == []
