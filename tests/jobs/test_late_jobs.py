"""Jobs that run late: none does anything once its reason is gone.

A job runs after the transaction that enqueued it: mostly a moment later, sometimes hours, and days
later if an operator tries a dead one again. By then its subject may be gone or have changed. Each
kind of job has rows in one of the `late_*.py`: what enqueues
it, what it does in time, and the states in which it must do nothing. "Nothing" is no mail, push,
webhook or call of a provider, no row written in any table, and no other job enqueued.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from app.api import JOBS
from tests.jobs import late_accounts, late_content, late_suspensions
from tests.support.late import NOTHING, Act, LateJob, Stage, nothing, run, take
from tests.support.provider import Providers
from tests.support.world import World

ROWS = [*late_accounts.ROWS, *late_content.ROWS, *late_suspensions.ROWS]

NO_ROW = {
    "account.mail_goodbye": "An erasure can't be taken back. tests/account/test_leaving.py has the"
    " end of the two hours in which it is tried.",
    "auth.forget_more": "It has no subject: it deletes what is over when it runs.",
    "image.delete_objects": "A key is never used twice: deleting its objects again does no harm.",
    "image.place_objects": "It asks again until nothing changes:"
    " tests/image/test_hidden_picture_races.py has what changes meanwhile.",
    "image.place_objects_of": "As image.place_objects.",
    "image.sweep_store_on": "It has no subject: it looks at what the store has when it runs.",
    "moderation.note_due_on": "It has no subject: it looks at what is due when it runs.",
    "notification.renew": "It enqueues notification.send_push, which looks at each again. What is"
    " about a post that is hidden again is not seen: tests/notification/test_renewed.py.",
    "notification.settle_read": "It notes what is read already, and notifies nobody.",
    "notification.tell": "It gives ids to apps that are open. They load only what they may see.",
    "notification.count_audience": "It counts for the console, and notifies nobody.",
    "notification.forget_announcement": "An announcement that was deleted never comes back.",
    "post.push_new_posts": "It enqueues notification.send_push, which looks at each again.",
}
"""Kinds of jobs without a row, and why none is needed. A job that notifies somebody of something
that can be taken back needs one.
"""


def _cases() -> Iterator[Any]:
    for row in ROWS:
        states: dict[str, tuple[Act, frozenset[str]]] = {
            "in time": (nothing, row.on_time),
            **{state: (act, NOTHING) for state, act in row.late.items()},
            **row.partly,
        }
        for state, (act, does) in states.items():
            name = " - ".join(filter(None, (row.name, row.about, state)))
            yield pytest.param(row, act, does, id=name)


def test_each_kind_of_job_has_a_row_or_a_reason_why_it_needs_none() -> None:
    with_row, names = {row.name for row in ROWS}, {job.name for job in JOBS}
    missing = sorted(names - with_row - set(NO_ROW))
    assert not missing, f"{missing}: add rows to tests/jobs/late_*.py, or a reason to NO_ROW here"
    assert not with_row & set(NO_ROW)
    assert with_row | set(NO_ROW) <= names


@pytest.fixture
async def stage(world: World, idp: Providers) -> Stage:
    user, other, admin = await world.member(), await world.member(), await world.admin()
    return Stage(
        world, world.clock, world.mailer, world.push, idp, user=user, admin=admin, other=other
    )


@pytest.mark.parametrize(("row", "meanwhile", "does"), [*_cases()])
async def test_a_job_looks_again_at_its_reason_when_it_runs(
    stage: Stage, row: LateJob, meanwhile: Act, does: frozenset[str]
) -> None:
    await row.cause(stage)
    jobs = await take(stage, row.name)
    assert jobs, f"nothing has enqueued {row.name}"
    await meanwhile(stage)
    done = await run(stage, row.name, jobs)
    if meanwhile is nothing:
        assert does <= done
    else:
        assert done == does
