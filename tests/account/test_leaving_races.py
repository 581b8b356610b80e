"""Leaving and erasing at the moment of another write.

Each test brings two transactions to the same point. In any order, every count must equal the
number of rows afterwards, and no request may end in an internal error.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from app.account.jobs import JOBS
from app.core.settings.config import Settings
from app.integrations.storage.local import LocalStorage
from app.user.repository.blocks import BlockRepository
from tests.support.api import Api, expect
from tests.support.beside import beside
from tests.support.counts import wrong_counts
from tests.support.jobs import run_jobs
from tests.support.leaving import leaving
from tests.support.moderating import ban
from tests.support.races import holding, start, until_settled, until_waiting
from tests.support.sql import count, sql
from tests.support.storage import stored
from tests.support.world import World, picture

POST = "SELECT id FROM posts WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
LOUNGE = "SELECT id FROM lounges WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
COMMENT = "SELECT id FROM comments WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
WHY = {"reason": "規約違反"}


class Scene(NamedTuple):
    """A user who leaves, a user who stays, and a post of the user who stays."""

    world: World
    leaver: Api
    stayer: Api
    post: dict[str, Any]

    async def leave_and_be_erased(self) -> int:
        status = (await leaving(self.leaver)).status_code
        await run_jobs(self.world, JOBS)
        return status

    async def end(self) -> None:
        """Check that the leaver is erased and that every count is right."""
        await run_jobs(self.world, JOBS)
        assert await count(self.world, "users", "id = CAST(:id AS uuid)", id=self.leaver.id) == 0
        assert await wrong_counts(self.world) == []


@pytest.fixture
async def scene(committed_world: World) -> Scene:
    leaver, stayer = await committed_world.member(), await committed_world.member()
    return Scene(committed_world, leaver, stayer, await committed_world.post(stayer))


# Writes of the leaver


@pytest.mark.parametrize("kind", ["like", "favorite", "comment", "unlike", "post"])
async def test_a_write_that_waits_while_its_author_leaves_is_not_counted(
    scene: Scene, kind: str
) -> None:
    world, leaver, _, post = scene
    like, lounge_id = f"/posts/{post['id']}/like", post["lounge"]["id"]
    if kind == "unlike":
        expect(await leaver.put(like), 204)
    new = {"lounge_id": lounge_id, "title": "題", "body": "本文"}
    acts = {
        "like": lambda: leaver.put(like),
        "unlike": lambda: leaver.delete(like),
        "favorite": lambda: leaver.put(f"/lounges/{lounge_id}/favorite"),
        "comment": lambda: leaver.post(f"/posts/{post['id']}/comments", json={"body": "最後に"}),
        "post": lambda: leaver.post("/posts", json=new),
    }
    in_lounge = kind in ("favorite", "post")
    async with holding(
        world, LOUNGE if in_lounge else POST, id=lounge_id if in_lounge else post["id"]
    ):
        act = start(acts[kind]())
        await until_waiting(world)
        leave_call = start(scene.leave_and_be_erased())
        await until_waiting(world, 2)
    assert (await act).is_success
    assert await leave_call == 202
    await scene.end()


async def test_replies_between_two_statements_of_leaving_are_refused(scene: Scene) -> None:
    world, leaver, stayer, post = scene
    path = f"/posts/{post['id']}/comments"
    own = await world.comment(leaver, post)
    tops = [await world.comment(stayer, post) for _ in range(2)]
    async with holding(world, COMMENT, id=own["id"]) as first:
        leave_call = start(leaving(leaver))
        await until_waiting(world)
        replies = [start(leaver.post(path, json={"body": "返", "parent_id": tops[0]["id"]}))]
        await until_settled(world, leave_call, *replies)
        async with holding(world, COMMENT, id=tops[0]["id"]):
            await first.commit()
            await until_settled(world, leave_call, *replies)
            replies.append(
                start(leaver.post(path, json={"body": "返", "parent_id": tops[1]["id"]}))
            )
            await until_settled(world, leave_call, *replies)
    assert (await leave_call).status_code == 202
    for reply in await asyncio.gather(*replies):
        expect(reply, 401, "session_revoked")
    await scene.end()


class SlowStorage(LocalStorage):
    """Waits with each object until the test releases it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.storage_dir, settings.media_url)
        self.started, self.released = asyncio.Event(), asyncio.Event()

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        self.started.set()
        await self.released.wait()
        await super().put(key, data, content_type)


@pytest.mark.parametrize("path", ["/images", "/users/me/avatar"])
async def test_an_upload_during_the_erasure_finds_the_session_revoked(
    scene: Scene, path: str
) -> None:
    world, leaver, _, _ = scene
    slow = world.runtime.storage = SlowStorage(world.runtime.settings)
    upload = start(leaver.upload(picture(), path, "POST" if path == "/images" else "PUT"))
    await slow.started.wait()
    assert await scene.leave_and_be_erased() == 202
    slow.released.set()
    expect(await upload, 401, "session_revoked")
    assert stored(world) == []


# Writes of others to the leaver's content


@pytest.mark.parametrize("first", ["reply", "leaving"])
async def test_a_reply_to_a_leaver_is_counted_or_refused(scene: Scene, first: str) -> None:
    world, leaver, stayer, post = scene
    top = await world.comment(leaver, post)
    form = {"body": "返信", "parent_id": top["id"]}
    acts = {
        "reply": lambda: stayer.post(f"/posts/{post['id']}/comments", json=form),
        "leaving": lambda: leaving(leaver),
    }
    second = "leaving" if first == "reply" else "reply"
    async with holding(world, POST, id=post["id"]):
        calls = {first: start(acts[first]())}
        await until_waiting(world)
        calls[second] = start(acts[second]())
        await until_waiting(world, 2)
    expect(await calls["leaving"], 202)
    expect(await calls["reply"], 201 if first == "reply" else 422)
    listed = await stayer.items(f"/posts/{post['id']}/comments")
    assert [comment["deleted"] for comment in listed] == [True] * (first == "reply")
    await scene.end()


@pytest.mark.parametrize("first", ["act", "leaving"])
@pytest.mark.parametrize("act", ["hide", "restore", "delete", "restore reply", "hide post"])
async def test_moderating_or_deleting_while_the_author_leaves_keeps_counts_right(
    scene: Scene, act: str, first: str
) -> None:
    world, leaver, stayer, post = scene
    admin, own_post = await world.admin(), await world.post(leaver)
    top = await world.comment(leaver, post)
    reply = await world.comment(stayer, post, "返信", top)
    await world.comment(leaver, post, "自分で", top)
    if act.startswith("restore"):
        await world.hide_comment(top if act == "restore" else reply)
    if act == "delete":
        await ban(admin, "ばくだん")
        held = {"body": "ばくだん"}
        expect(await leaver.patch(f"/comments/{top['id']}", json=held), 200)
    acts = {
        "hide": lambda: admin.post(f"/admin/comments/{top['id']}/hide", json=WHY),
        "restore": lambda: admin.post(f"/admin/comments/{top['id']}/restore", json=WHY),
        "restore reply": lambda: admin.post(f"/admin/comments/{reply['id']}/restore", json=WHY),
        "hide post": lambda: admin.post(f"/admin/posts/{own_post['id']}/hide", json=WHY),
        "delete": lambda: stayer.delete(f"/comments/{reply['id']}"),
    }
    both = {"act": acts[act], "leaving": lambda: leaving(leaver)}
    second = "act" if first == "leaving" else "leaving"
    shared_locks = {
        "hide post": (LOUNGE, own_post["lounge"]["id"]),
        "restore": (COMMENT, top["id"]),
        "delete": (COMMENT, top["id"]),
    }
    lock, row_id = shared_locks.get(act, (POST, post["id"]))
    async with holding(world, lock, id=row_id):
        calls = {first: start(both[first]())}
        await until_waiting(world)
        calls[second] = start(both[second]())
        await until_waiting(world, 2)
    expect(await calls["leaving"], 202)
    answer = await calls["act"]
    assert answer.status_code == 404 or answer.is_success, answer.text
    assert await wrong_counts(world) == []
    await scene.end()


async def test_two_users_who_notified_each_other_leave_without_a_deadlock(scene: Scene) -> None:
    world, first, other, post = scene
    third = await world.member()
    thirds = await world.post(third)
    await world.comment(first, thirds)
    notifications = await sql(world, "SELECT id FROM notifications WHERE type = 'comment'")
    for writer, about in ((first, post), (other, await world.post(first))):
        comment = await world.comment(writer, about)
        # The notifications stay, and are all that the two users have in common.
        expect(await writer.delete(f"/comments/{comment['id']}"), 204)
    lock = "SELECT id FROM notifications WHERE id = CAST(:id AS uuid) FOR UPDATE"
    async with holding(world, lock, id=str(notifications[0]["id"])):
        calls = [start(leaving(first))]
        await until_waiting(world)
        calls.append(start(leaving(other)))
        await until_settled(world, *calls)
    for call in calls:
        expect(await call, 202)
    await scene.end()


async def test_two_users_who_block_each_other_are_erased_without_a_deadlock(scene: Scene) -> None:
    world = scene.world
    one, other = sorted((scene.leaver, scene.stayer), key=lambda person: person.id)
    expect(await one.put(f"/users/{other.id}/block"), 204)
    expect(await other.put(f"/users/{one.id}/block"), 204)

    async def delete_blocks_of(person: Api) -> None:
        async with beside(world.runtime) as db:
            await BlockRepository(db).delete_all_of(UUID(person.id))

    first = "SELECT id FROM user_blocks ORDER BY blocker_id, blocked_id LIMIT 1 FOR UPDATE"
    async with holding(world, first):
        calls = [start(delete_blocks_of(one))]
        await until_waiting(world)
        calls.append(start(delete_blocks_of(other)))
        await until_waiting(world, 2)
    await asyncio.gather(*calls)
    assert await count(world, "user_blocks") == 0


@pytest.mark.parametrize("act", ["like", "mute", "comment", "reply", "block"])
async def test_content_that_is_erased_during_a_request_is_not_found(scene: Scene, act: str) -> None:
    world, leaver, stayer, post = scene
    own = await world.post(leaver)
    top = await world.comment(leaver, post)
    path = f"/posts/{own['id']}"
    reply = {"body": "返信", "parent_id": top["id"]}
    acts: dict[str, tuple[Callable[[], Awaitable[httpx.Response]], tuple[int, str]]] = {
        "like": (lambda: stayer.put(f"{path}/like"), (404, "post_not_found")),
        "mute": (lambda: stayer.put(f"{path}/mute"), (404, "post_not_found")),
        "comment": (
            lambda: stayer.post(f"{path}/comments", json={"body": "遅れて"}),
            (404, "post_not_found"),
        ),
        "reply": (
            lambda: stayer.post(f"/posts/{post['id']}/comments", json=reply),
            (422, "invalid_parent"),
        ),
        "block": (lambda: stayer.put(f"/users/{leaver.id}/block"), (404, "user_not_found")),
    }
    call, refusal = acts[act]
    async with beside(world.runtime) as db:
        for table, column in (("posts", "author_id"), ("comments", "author_id"), ("users", "id")):
            erase = f"DELETE FROM {table} WHERE {column} = CAST(:id AS uuid)"
            await db.execute(text(erase), id=leaver.id)
        waits = start(call())
        await until_waiting(world)
    expect(await waits, *refusal)
