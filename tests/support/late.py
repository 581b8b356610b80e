"""Runs one job after something has changed, and lists everything that the run did.

A job is taken out of the queue as a worker takes it. Then its subject changes, and then it runs.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.api import JOBS
from app.jobs.definitions import GiveUp, Job
from tests.support.api import Api, expect
from tests.support.fakes import FakeClock, FakeMailer, FakePush
from tests.support.hooks import SECRET, use_hooks
from tests.support.leaving import leave
from tests.support.provider import Providers
from tests.support.sql import rows_changed, sql
from tests.support.world import World

NOTHING: frozenset[str] = frozenset()
GIVES_UP = "gives up"
"""What a job does that raises GiveUp."""

_QUEUE = {"pgqueuer", "pgqueuer_log"}
_TAKE = """
    DELETE FROM pgqueuer WHERE entrypoint = :name
    RETURNING id, convert_from(payload, 'UTF8') AS payload
"""


@dataclass
class Stage:
    """The world of one case, the fakes around it, and what the job is about."""

    world: World
    clock: FakeClock
    mailer: FakeMailer
    push: FakePush
    idp: Providers
    user: Api
    """Whom the job is about, or notifies."""

    admin: Api
    other: Api
    """Somebody else, such as the author of a comment."""

    facts: dict[str, Any] = field(default_factory=dict)
    """What else a case made: a post, a comment, a suspension."""

    async def run_sql(self, statement: str, **params: Any) -> None:
        """Run SQL in which `:user` is the id of the user."""
        given = {"user": UUID(self.user.id)} if ":user" in statement else {}
        await sql(self.world, statement, **given, **params)


type Act = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class LateJob:
    """A kind of job, what enqueues it, and what its subject can be when it runs.

    `on_time` is a part of what it does if nothing has changed: `mail`, `push`, `apple`, `line`,
    `picture`, `webhook`, the name of a table that it writes, or `job NAME`.
    """

    name: str
    cause: Act
    on_time: frozenset[str]
    late: Mapping[str, Act]
    """States in which it must do nothing: their names, and what leads there."""

    partly: Mapping[str, tuple[Act, frozenset[str]]] = field(default_factory=dict)
    """States in which it does something else or less, and exactly that."""

    about: str = ""
    """What its subject is, where several rows are about one kind of job."""


async def take(stage: Stage, name: str) -> list[str]:
    """Take all waiting jobs of this kind out of the queue; returns their payloads."""
    rows = await sql(stage.world, _TAKE, name=name)
    return [row["payload"] for row in sorted(rows, key=lambda row: row["id"])]


async def run(stage: Stage, name: str, payloads: list[str]) -> frozenset[str]:
    """Run jobs of this kind; returns what they did, as `LateJob.on_time` names it."""
    (job,) = [job for job in JOBS if job.name == name]
    before, waiting = await _seen(stage), await _waiting(stage)
    done = set()
    for payload in payloads:
        done |= await _attempt(stage, job, payload.encode())
    seen = await _seen(stage)
    done |= {what for what, number in seen.items() if number > before[what]}
    done |= {f"job {each}" for each in (await _waiting(stage) - waiting)}
    return frozenset(done)


async def _attempt(stage: Stage, job: Job, payload: bytes) -> set[str]:
    with suppress(GiveUp):
        async with stage.world.runtime.writing() as context:
            await job.run(context, payload)
        return set()
    return {GIVES_UP}


async def _seen(stage: Stage) -> Counter[str]:
    """How much has been sent and written so far."""
    rows = await rows_changed(stage.world)
    asked = stage.idp.asked
    outside = {
        "mail": len(stage.mailer.sent),
        "push": len(stage.push.sent),
        "apple": asked["apple/token"] + asked["apple/revoke"],
        "line": sum(number for path, number in asked.items() if path.startswith("line/")),
        "picture": sum(number for path, number in asked.items() if "/pictures/" in path),
        "webhook": asked["google/hook"],
    }
    written = Counter({table: number for table, number in rows.items() if table not in _QUEUE})
    return written + Counter(outside)


async def _waiting(stage: Stage) -> Counter[str]:
    rows = await sql(stage.world, "SELECT entrypoint, count(*) AS n FROM pgqueuer GROUP BY 1")
    return Counter({row["entrypoint"]: row["n"] for row in rows})


# What a case is made of


def by_sql(*statements: str) -> Act:
    """Change something behind the app's back. `:user` is the id of the user."""

    async def act(stage: Stage) -> None:
        for statement in statements:
            await stage.run_sql(statement)

    return act


def in_turn(*acts: Act) -> Act:
    async def act(stage: Stage) -> None:
        for each in acts:
            await each(stage)

    return act


def called(by: str, method: str, path: str, expected: int = 204, /, **body: Any) -> Act:
    """`by` calls the API: the user, the other or the admin. The path may name ids of the case."""

    async def act(stage: Stage) -> None:
        ids = {"user": stage.user.id, "other": stage.other.id, **stage.facts}
        caller: Api = getattr(stage, by)
        expect(await caller.call(method, path.format(**ids), json=body or None), expected)

    return act


def later(**by: float) -> Act:
    async def act(stage: Stage) -> None:
        stage.clock.advance(**by)

    return act


async def leaves(stage: Stage) -> None:
    await leave(stage.user, stage.user.password or None)


async def uses_a_webhook(stage: Stage) -> None:
    """The operator's service is a path of the fake provider, which takes what comes."""
    stage.idp["google"].api_answers["hook"] = (200, {})
    use_hooks(stage.world, webhook_url=f"{stage.idp.url}/google/hook", webhook_secret=SECRET)


async def nothing(stage: Stage) -> None:
    """The job runs in time."""


LEFT = by_sql("UPDATE users SET left_at = now() WHERE id = :user")
"""For a user who can't call the API."""

VERIFIED = by_sql("UPDATE users SET email_verified_at = now() WHERE id = :user")
SUSPENDED = by_sql("UPDATE users SET status = 'suspended' WHERE id = :user")
