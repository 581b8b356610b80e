"""The checks of a simulation find errors: each test makes one row or object wrong."""

import uuid
from random import Random

import pytest

from app.core.pool import Connection
from tests.states.console import Console
from tests.states.facts import Facts
from tests.states.leftovers import leftovers
from tests.states.notification_check import missing_notifications
from tests.states.recount import wrong_counts
from tests.states.state import Person, State
from tests.states.walk import Reader
from tests.states.watch import Watch
from tests.states.worker import Worker
from tests.support.api import Api, expect
from tests.support.jobs import add_job
from tests.support.rolled_back import undone
from tests.support.sql import sql
from tests.support.world import World

pytestmark = pytest.mark.anyio


class Stage:
    """An author's post with a picture, a reader's comment and like, and the author's reply."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> "Stage":
        world = self.world
        self.author, self.reader = await world.member("作者"), await world.member("読者")
        lounge = await world.lounge()
        image = await world.image(self.author)
        post = await world.post(self.author, lounge, image_ids=[image["id"]])
        comment = await world.comment(self.reader, post)
        await world.comment(self.author, post, "返信", comment)
        expect(await self.reader.put(f"/posts/{post['id']}/like"), 204)
        expect(await self.reader.put(f"/lounges/{lounge['id']}/favorite"), 204)
        expect(await self.reader.get(f"/lounges/{lounge['id']}"), 200)
        report = {"target_type": "post", "target_id": post["id"], "reason": "spam"}
        expect(await self.reader.post("/reports", json=report), 201)
        self.admin = await world.admin()
        admin, console = Person("admin", "admin", self.admin), await Console.open(world, self.admin)
        self.state = State(world, Watch(), Worker(world), admin, console, [])
        self.post_id = post["id"]
        assert await self.state.worker.run_all() == []
        return self

    async def problems(self, *erased: str) -> list[str]:
        facts = await Facts.read(self.world, self.state.log.last_id)
        problems = [*wrong_counts(facts), *missing_notifications(self.state, facts)]
        problems += self.state.log.differences(facts)
        problems += await leftovers(self.world, facts, erased)
        for api in (self.author, self.reader):
            problems += await self._seen_by(api, facts)
        return problems

    async def _seen_by(self, api: Api, facts: Facts) -> list[str]:
        # One request at a time: all share the test's single connection.
        reader = Reader(api, facts, Random(1), everything=True, at_once=1)
        return await reader.differences(["題", "部屋"])


@pytest.fixture
async def stage(world: World) -> Stage:
    stage = await Stage(world).start()
    assert await stage.problems() == []
    return stage


TAMPERED = [
    "UPDATE posts SET comment_count = comment_count + 1",
    "UPDATE posts SET like_count = like_count + 1",
    "UPDATE images SET needs_review = true",
    "UPDATE comments SET reply_count = reply_count + 1",
    "UPDATE lounges SET post_count = post_count + 1",
    "UPDATE lounges SET favorite_count = favorite_count + 1",
    "UPDATE lounges SET last_posted_at = last_posted_at - interval '1 second'",
    "UPDATE users SET post_count = post_count + 1",
    "UPDATE report_cases SET report_count = report_count + 1",
    "UPDATE notifications SET actor_id = user_id",
    "DELETE FROM notifications",
    (
        "INSERT INTO notifications (user_id, type, actor_id, post_id, comment_id, params) "
        "SELECT user_id, type, actor_id, post_id, comment_id, params FROM notifications"
    ),
    "UPDATE images SET unattached_since = now()",
    "UPDATE images SET key = key || 'x'",
    "UPDATE users SET avatar_key = 'avatars/none.webp'",
    "UPDATE users SET left_at = now()",
]


async def test_a_wrong_row_is_found(stage: Stage, connection: Connection) -> None:
    for statement in TAMPERED:
        async with undone(connection):
            await sql(stage.world, statement)
            assert await stage.problems() != [], statement
    assert await stage.problems() == []


async def test_an_object_a_trace_and_a_job_that_fails_are_found(stage: Stage) -> None:
    await stage.world.runtime.storage.put("images/orphan/full.webp", b"", "image/webp")
    erased = str(uuid.uuid4())
    await add_job(stage.world, "auth.mail_token", f'{{"user_id": "{erased}"}}')
    problems = await stage.problems(erased)
    assert "the store has images/orphan/full.webp, which no row names" in problems
    assert any(line.startswith(f"pgqueuer still names {erased}") for line in problems)
    await add_job(stage.world, "account.erase", "{}", status="queued")
    failed = "job account.erase failed 4 times: account.erase: ValidationError"
    assert any(line.startswith(failed) for line in await stage.state.worker.run_all())


async def test_the_log_is_compared_with_the_acts_and_the_rows(stage: Stage) -> None:
    stage.state.log.expect("post.hidden", stage.post_id)
    assert await stage.problems() == [f"the log has 0 of 1 to 1 post.hidden of {stage.post_id}"]
    path, reason = f"/admin/posts/{stage.post_id}/hide", {"reason": "試験"}
    expect(await stage.admin.post(path, json=reason), 204)
    assert await stage.state.worker.run_all() == []
    assert await stage.problems() == [f"the log has 1 of 0 to 0 post.hidden of {stage.post_id}"]
    assert await stage.problems() == []
    await sql(stage.world, "UPDATE posts SET hidden_with_author = true")
    assert any("the last entry about it" in line for line in await stage.problems())
