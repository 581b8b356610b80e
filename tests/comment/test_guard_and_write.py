"""A comment is decided on what its guard has read. What changes before the write still counts.

The tests change a row between the two statements, on a connection of their own. The guard has
locked no rows, so nothing waits.
"""

import pytest

from app.comment.repository.writing import CommentWriter
from tests.support.api import Api, expect
from tests.support.counts import wrong_counts
from tests.support.races import change_before, holding, start, until_waiting
from tests.support.sql import count, sql
from tests.support.world import World

WRITTEN = ("comments", "connection_records", "notifications", "pgqueuer", "idempotency_keys")


class Scene:
    """A reader who replies to a comment on a post, each by another user."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self._monkeypatch = monkeypatch

    async def start(self) -> "Scene":
        world = self.world
        self.author, self.writer = await world.member(), await world.member()
        self.reader = await world.member()
        self.post = await world.post(self.author)
        self.parent = await world.comment(self.writer, self.post)
        self.path = f"/posts/{self.post['id']}/comments"
        self.form = {"body": "返信", "parent_id": self.parent["id"]}
        ids = {"author": self.author.id, "writer": self.writer.id, "reader": self.reader.id}
        self.params = ids | {"post": self.post["id"]}
        return self

    def before_the_write(self, change: str) -> None:
        """Let another transaction change something, once, before the next comment is written."""
        change_before(self.world, self._monkeypatch, CommentWriter, change, self.params)

    async def written(self) -> dict[str, int]:
        return {table: await count(self.world, table) for table in WRITTEN}


@pytest.fixture
async def scene(committed_world: World, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return await Scene(committed_world, monkeypatch).start()


BLOCK = "INSERT INTO user_blocks VALUES (CAST(:reader AS uuid), CAST(:{} AS uuid))"
MUTE = "INSERT INTO post_mutes VALUES (CAST(:reader AS uuid), CAST(:post AS uuid))"
NO_POST, NO_PARENT = (404, "post_not_found"), (422, "invalid_parent")
REFUSALS = {
    "the post is deleted": ("UPDATE posts SET deleted_at = now()", *NO_POST),
    "the post is hidden": ("UPDATE posts SET moderation = 'hidden'", *NO_POST),
    "the reader blocks the post's author": (BLOCK.format("author"), *NO_POST),
    "the reader mutes the post": (MUTE, *NO_POST),
    "the lounge is closed": ("UPDATE lounges SET closed_at = now()", 409, "lounge_closed"),
    "the parent is deleted": ("UPDATE comments SET deleted_at = now(), body = ''", *NO_PARENT),
    "the parent is held": ("UPDATE comments SET moderation = 'held'", *NO_PARENT),
    "the reader blocks the parent's author": (BLOCK.format("writer"), *NO_PARENT),
    "the reader signs out": ("UPDATE user_sessions SET ended_at = now()", 401, "session_revoked"),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_change_before_the_write_refuses_it_and_nothing_is_written(
    scene: Scene, case: str
) -> None:
    change, status, code = REFUSALS[case]
    before = await scene.written()
    scene.before_the_write(change)
    expect(await scene.reader.post(scene.path, json=scene.form, key="k"), status, code)
    assert await scene.written() == before


async def notified(api: Api) -> list[str]:
    return [notice["type"] for notice in await api.items("/notifications")]


SILENCES = {
    "blocks the reader": "INSERT INTO user_blocks"
    " VALUES (CAST(:{} AS uuid), CAST(:reader AS uuid))",
    "leaves": "UPDATE users SET left_at = now() WHERE id = CAST(:{} AS uuid)",
}


@pytest.mark.parametrize("recipient", ["author", "writer"])
@pytest.mark.parametrize("case", SILENCES)
async def test_a_recipient_who_blocks_or_leaves_before_the_write_gets_nothing(
    scene: Scene, case: str, recipient: str
) -> None:
    before = await scene.written()
    scene.before_the_write(SILENCES[case].format(recipient))
    expect(await scene.reader.post(scene.path, json=scene.form), 201)
    after = await scene.written()
    # One notification for the other recipient, with one job for its push.
    assert after["notifications"] == before["notifications"] + 1
    assert after["pgqueuer"] == before["pgqueuer"] + 1
    other, kind = (scene.writer, "reply") if recipient == "author" else (scene.author, "comment")
    assert (await notified(other))[0] == kind
    assert await wrong_counts(scene.world) == []


async def test_a_key_that_got_its_answer_before_the_write_replays_it(scene: Scene) -> None:
    world = scene.world
    first = await scene.reader.post(scene.path, json=scene.form, key="first")
    expect(first, 201)
    before = await scene.written()
    # As if the first request had kept its answer just after the guard looked for it.
    scene.before_the_write(
        "INSERT INTO idempotency_keys SELECT user_id, 'k', fingerprint, status, location, body,"
        " created_at FROM idempotency_keys WHERE key = 'first'"
    )
    again = await scene.reader.post(scene.path, json=scene.form, key="k")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert await scene.written() == {**before, "idempotency_keys": 2}
    assert await wrong_counts(world) == []


async def test_the_answer_is_what_a_list_shows(scene: Scene) -> None:
    made = expect(await scene.reader.post(scene.path, json={"body": "同じ"}), 201)
    assert (await scene.reader.items(scene.path))[-1] == made
    reply = expect(await scene.reader.post(scene.path, json=scene.form), 201)
    assert await scene.reader.items(scene.path, parent_id=scene.parent["id"]) == [reply]


async def test_a_key_that_is_over_a_day_old_is_free_again(scene: Scene) -> None:
    world = scene.world
    first = await scene.reader.post(scene.path, json=scene.form, key="k")
    expect(first, 201)
    await sql(world, "UPDATE idempotency_keys SET created_at = now() - interval '24 hours'")
    second = await scene.reader.post(scene.path, json=scene.form, key="k")
    assert expect(second, 201)["id"] != first.json()["id"]
    assert "idempotency-replayed" not in second.headers
    again = await scene.reader.post(scene.path, json=scene.form, key="k")
    assert (again.content, again.headers["idempotency-replayed"]) == (second.content, "true")
    assert await count(world, "idempotency_keys") == 1
    assert await wrong_counts(world) == []


async def test_a_key_of_a_request_that_runs_is_in_progress(scene: Scene) -> None:
    lock = "SELECT id FROM posts WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
    async with holding(scene.world, lock, id=scene.post["id"]):
        first = start(scene.reader.post(scene.path, json=scene.form, key="k"))
        await until_waiting(scene.world)
        second = await scene.reader.post(scene.path, json=scene.form, key="k")
        expect(second, 409, "idempotency_in_progress")
    expect(await first, 201)


async def test_a_comment_with_a_notification_wakes_a_worker(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    rings: list[None] = []
    runtime = scene.world.runtime
    monkeypatch.setattr(runtime.job_signal, "ring", lambda: rings.append(None))
    expect(await scene.author.post(scene.path, json={"body": "自分の投稿"}), 201)
    assert rings == []
    expect(await scene.reader.post(scene.path, json=scene.form), 201)
    assert rings == [None]
