"""What comes below a post that is hidden is notified of when the post is shown again.

Its notifications are written while nobody can see them. A user who marks all as read meanwhile has
not read them.
"""

from typing import Any, NamedTuple
from uuid import UUID

import pytest

from app.comment.jobs import JOBS as COMMENT_JOBS
from app.core.sql.rows import Query
from app.notification.jobs import JOBS
from app.notification.repository import renewing
from app.notification.rows import RENEW, RenewedBatch
from app.notification.service import notifications as service
from app.notification_delivery.jobs import JOBS as NOTIFICATION_DELIVERY_JOBS
from app.post.enums import Moderation
from app.post.jobs import JOBS as POST_JOBS
from tests.support.api import Api, expect
from tests.support.console import signed_in
from tests.support.jobs import run_jobs
from tests.support.moderating import ban
from tests.support.moderation import moderate_comment, moderate_post
from tests.support.sql import count, sql
from tests.support.world import World

WHY = {"reason": "確認"}
BANNED = "禁句"
EVERY_JOB = [*JOBS, *NOTIFICATION_DELIVERY_JOBS, *COMMENT_JOBS, *POST_JOBS]


class Scene(NamedTuple):
    """A post of the author, with a held comment of the writer, and one who watches the post."""

    world: World
    admin: Api
    author: Api
    writer: Api
    watcher: Api
    post: dict[str, Any]
    held: dict[str, Any]


@pytest.fixture
async def scene(committed_world: World) -> Scene:
    world = committed_world
    admin = await world.admin()
    author, writer, watcher = [await world.member() for _ in range(3)]
    await ban(admin, BANNED)
    post = await world.post(author)
    expect(await watcher.put(f"/posts/{post['id']}/watch"), 204)
    held = await world.comment(writer, post, BANNED)
    return Scene(world, admin, author, writer, watcher, post, held)


async def moderate(scene: Scene, kind: str, thing: dict[str, Any], verb: str) -> None:
    path = f"/admin/{kind}s/{thing['id']}/{verb}"
    expect(await scene.admin.post(path, json=WHY), 204)
    await run_jobs(scene.world, EVERY_JOB)


async def mark_all(*users: Api) -> None:
    for user in users:
        expect(await user.post("/notifications/read", json={"all": True}), 204)


async def told(user: Api, thing: dict[str, Any]) -> list[bool]:
    """Whether each notification about a comment or post is read."""
    found = await user.items("/notifications")
    return [n["read"] for n in found if thing["id"] in (n["comment_id"], n["post_id"])]


async def pushes(world: World) -> int:
    """How many notifications wait to be pushed."""
    return await count(world, "pgqueuer", "entrypoint = 'notification.send_push'")


async def ids(world: World) -> set[str]:
    return {str(row["id"]) for row in await sql(world, "SELECT id FROM notifications")}


@pytest.mark.parametrize("settles", [True, False])
async def test_what_was_released_below_a_hidden_post_is_unread_when_that_is_shown(
    scene: Scene, settles: bool
) -> None:
    await moderate(scene, "post", scene.post, "hide")
    await moderate(scene, "comment", scene.held, "restore")
    await mark_all(scene.author, scene.watcher)
    if settles:
        await run_jobs(scene.world, EVERY_JOB)
    assert await told(scene.watcher, scene.held) == []
    before = await ids(scene.world)
    await moderate(scene, "post", scene.post, "restore")
    for user in (scene.author, scene.watcher):
        assert await told(user, scene.held) == [False]
        assert expect(await user.get("/notifications/unread-count"), 200)["count"] == 1
    assert len(before & await ids(scene.world)) == len(before) - 2
    await mark_all(scene.author, scene.watcher)
    for user in (scene.author, scene.watcher):
        assert await told(user, scene.held) == [True]
    # Hidden and shown once more, they stay read.
    await moderate(scene, "post", scene.post, "hide")
    await moderate(scene, "post", scene.post, "restore")
    for user in (scene.author, scene.watcher):
        assert await told(user, scene.held) == [True]


async def test_they_are_pushed_once(scene: Scene) -> None:
    """Nothing was pushed while the post was hidden. The job may run twice."""
    world = scene.world
    await moderate(scene, "post", scene.post, "hide")
    await moderate(scene, "comment", scene.held, "restore")
    assert await pushes(world) == 0
    await mark_all(scene.author, scene.watcher)
    expect(await scene.admin.post(f"/admin/posts/{scene.post['id']}/restore", json=WHY), 204)
    (renewal,) = await sql(world, RENEWALS)
    await run_jobs(world, JOBS)
    assert await pushes(world) == 2
    before = await ids(world)
    async with world.runtime.writing() as ctx:
        await next(job for job in JOBS if job.name == RENEW).run(ctx, renewal["payload"])
    assert await ids(world) == before
    assert await pushes(world) == 2


RENEWALS = "SELECT payload FROM pgqueuer WHERE entrypoint = 'notification.renew'"


async def test_a_push_waits_until_the_act_can_not_be_taken_back(scene: Scene) -> None:
    await moderate(scene, "post", scene.post, "hide")
    await moderate(scene, "comment", scene.held, "restore")
    browser = await signed_in(scene.world, scene.admin)
    path = f"/posts/{scene.post['id']}"
    answer = await browser.post(f"{path}/post/{scene.post['id']}/restore", **WHY)
    assert answer.status_code == 303
    waits = "execute_after > now() + interval '10 seconds'"
    assert len(await sql(scene.world, f"{RENEWALS} AND {waits}")) == 1


async def test_what_was_read_before_the_post_was_hidden_stays_read(scene: Scene) -> None:
    earlier = await scene.world.comment(scene.writer, scene.post, "前")
    await run_jobs(scene.world, EVERY_JOB)
    await mark_all(scene.author, scene.watcher)
    before = await ids(scene.world)
    await moderate(scene, "post", scene.post, "hide")
    await moderate(scene, "post", scene.post, "restore")
    for user in (scene.author, scene.watcher):
        assert await told(user, earlier) == [True]
    assert before <= await ids(scene.world)


async def test_the_author_of_a_held_post_has_seen_them(scene: Scene) -> None:
    form = {"body": BANNED}
    expect(await scene.author.patch(f"/posts/{scene.post['id']}", json=form), 200)
    await moderate(scene, "comment", scene.held, "restore")
    assert await told(scene.author, scene.held) == [False]
    await mark_all(scene.author, scene.watcher)
    await moderate(scene, "post", scene.post, "restore")
    assert await told(scene.author, scene.held) == [True]
    assert await told(scene.watcher, scene.held) == [False]


async def test_a_post_that_is_hidden_again_before_the_job_runs(scene: Scene) -> None:
    await moderate(scene, "post", scene.post, "hide")
    await moderate(scene, "comment", scene.held, "restore")
    await mark_all(scene.author, scene.watcher)
    for verb in ("restore", "hide"):
        path = f"/admin/posts/{scene.post['id']}/{verb}"
        expect(await scene.admin.post(path, json=WHY), 204)
    await run_jobs(scene.world, EVERY_JOB)
    await mark_all(scene.author, scene.watcher)
    await moderate(scene, "post", scene.post, "restore")
    assert await told(scene.author, scene.held) == [False]


async def test_many_are_renewed_in_batches(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "NOTIFICATION_BATCH_ROWS", 1)
    monkeypatch.setattr(renewing, "NOTIFICATION_BATCH_ROWS", 1)
    monkeypatch.setattr(renewing, "_RENEW", Query(RenewedBatch, renewing._renewed()))
    await moderate(scene, "post", scene.post, "hide")
    await moderate(scene, "comment", scene.held, "restore")
    await mark_all(scene.author, scene.watcher)
    await moderate(scene, "post", scene.post, "restore")
    for user in (scene.author, scene.watcher):
        assert await told(user, scene.held) == [False]


async def test_what_one_act_shows_together_is_written_once(scene: Scene) -> None:
    """Its notification can be seen as soon as it is committed: a job would make it new again."""
    await moderate(scene, "post", scene.post, "hide")
    async with scene.world.runtime.writing() as ctx:
        await moderate_comment(ctx, UUID(scene.held["id"]), Moderation.VISIBLE)
        await moderate_post(ctx, UUID(scene.post["id"]), Moderation.VISIBLE)
    assert await sql(scene.world, RENEWALS) == []
    await run_jobs(scene.world, EVERY_JOB)
    assert await told(scene.author, scene.held) == [False]
