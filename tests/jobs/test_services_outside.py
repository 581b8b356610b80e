"""Services outside that hang hold up their own jobs alone, as the features define these."""

import asyncio
from dataclasses import replace
from typing import Any

from app.api import JOBS
from app.auth.service.accounts import MAIL_PASSWORD_CHANGED
from app.auth.service.mailed_links import MAIL_TOKEN
from app.auth.service.provider_tokens import REDEEM_APPLE_CODE
from app.image import jobs as image_jobs
from app.image.rows import PLACE_OBJECTS
from app.jobs.definitions import Job
from app.jobs.worker import JOB_SLOTS, MAX_JOBS
from app.notification.rows import SEND_PUSH
from app.runtime.context import Context
from app.webhook.service import SEND
from tests.support.waiting import until
from tests.support.worker_bench import Bench, add_effect, wait_for_two_polls

MAILS = (MAIL_TOKEN, MAIL_PASSWORD_CHANGED)


def defined(name: str) -> Job:
    """The job as its feature has defined it."""
    return next(job for job in JOBS if job.name == name)


async def place(context: Context, payload: dict[str, Any]) -> None:
    await add_effect(context, payload["key"])


async def test_a_mail_server_that_hangs_holds_up_no_picture(bench: Bench) -> None:
    end, at_work = asyncio.Event(), 0

    async def hang(_: Context, __: dict[str, Any]) -> None:
        nonlocal at_work
        at_work += 1
        await end.wait()

    mails = [replace(defined(name), handler=hang) for name in MAILS]
    for _ in range(MAX_JOBS):
        for name in MAILS:
            await bench.enqueue(name)
    async with bench.working(*mails, replace(defined(PLACE_OBJECTS), handler=place)):
        await until(lambda: at_work >= sum(job.at_once for job in mails))
        await bench.enqueue(PLACE_OBJECTS, payload={"key": "hidden"}, urgent=True)
        await until(bench.effects)
        assert at_work == sum(job.at_once for job in mails) == 4
        end.set()
        await until(bench.empty)


def test_of_each_kind_so_many_wait_for_a_service_at_once() -> None:
    at_once = {job.name: job.at_once for job in JOBS if job.only_waits}
    assert at_once[SEND_PUSH] == 20
    assert at_once[MAIL_TOKEN] == at_once[SEND] == 3
    assert at_once.pop(REDEEM_APPLE_CODE) == 2
    others = at_once.keys() - {SEND_PUSH, MAIL_TOKEN, SEND}
    assert {at_once[name] for name in others} == {1}


def test_all_services_that_hang_leave_slots_for_other_jobs() -> None:
    waiting = [job for job in JOBS if job.only_waits]
    assert {SEND, SEND_PUSH, *MAILS} < {job.name for job in waiting}
    assert all(job.at_once for job in waiting)
    assert sum(job.at_once for job in waiting) + JOB_SLOTS <= MAX_JOBS


def test_every_mail_and_every_call_to_a_provider_only_waits() -> None:
    of_providers = (
        *("auth.adopt_picture", "auth.redeem_apple_code", "auth.revoke_provider_token"),
        "auth.unlink_at_line",
    )
    for job in JOBS:
        if ".mail_" in job.name or job.name in of_providers:
            assert job.only_waits, job.name


def test_a_store_that_hangs_leaves_slots_for_other_jobs() -> None:
    assert all(job.at_once for job in image_jobs.JOBS)
    assert sum(job.at_once for job in image_jobs.JOBS) < JOB_SLOTS


async def test_an_urgent_job_goes_before_others_that_wait_for_a_slot(bench: Bench) -> None:
    began: list[str] = []
    gates = {kind: asyncio.Event() for kind in ("first", "later", "urgent")}

    async def handler(_: Context, payload: dict[str, Any]) -> None:
        began.append(payload["kind"])
        await gates[payload["kind"]].wait()

    for _ in range(JOB_SLOTS):
        await bench.enqueue("work", payload={"kind": "first"})
    async with bench.working(Job("work", handler)) as worker:
        await until(lambda: len(began) == JOB_SLOTS)
        for _ in range(JOB_SLOTS):
            await bench.enqueue("work", payload={"kind": "later"})
        await bench.enqueue("work", payload={"kind": "urgent"}, urgent=True)
        await until(bench.all_picked)
        await wait_for_two_polls(worker)  # Those that were picked last stand in the line now.
        gates["first"].set()
        await until(lambda: len(began) == 2 * JOB_SLOTS)
        assert began[JOB_SLOTS] == "urgent"
        for gate in gates.values():
            gate.set()
        await until(bench.empty)
