"""What a process counts of itself: waits, refusals, failed sign-ins, pushes, the event loop."""

import asyncio
import time

import pytest
from structlog.testing import capture_logs

from app.core.admission import Admission, Bounds
from app.core.errors import Overloaded, RateLimited
from app.core.metrics import REGISTRY, watched_loop
from app.core.rate_limit import RateLimiter, counters_of_address, ensure_allowed
from app.integrations.push.base import PushOutcome
from tests.support.api import expect
from tests.support.auth import refresh
from tests.support.jobs import NOTIFICATION_JOBS as JOBS
from tests.support.jobs import run_jobs
from tests.support.notifications import register_device
from tests.support.world import World


def value(name: str, **labels: str) -> float:
    """A figure now. Others count in this process too, so a test compares two of them."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_work_in_its_slots_its_waits_and_refusals_are_counted() -> None:
    bounds = Bounds(slots=1, slots_each=1, line=1, most_each=2, patience=3600.0, retry_after=1)
    slots = Admission("test of metrics", bounds)
    work = {"work": "test of metrics"}
    async with slots.slot("a"):
        assert value("linky_work_in_progress", **work) == 1
        waiting = asyncio.create_task(_pass_through(slots, "b"))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await _pass_through(slots, "c")
        assert value("linky_work_refused_total", **work) == 1
    await waiting
    assert value("linky_work_in_progress", **work) == 0
    assert value("linky_work_wait_seconds_count", **work) == 2


async def _pass_through(slots: Admission, caller: str) -> None:
    async with slots.slot(caller):
        pass


async def test_calls_refused_by_a_limit_are_counted_by_its_name() -> None:
    limiter, before = RateLimiter(enabled=True), value("linky_rate_limited_total", limit="login")
    counters = counters_of_address("login", "192.0.2.1")
    for _ in range(counters[0].quota.calls):
        ensure_allowed(await limiter.hit(counters))
    with pytest.raises(RateLimited):
        ensure_allowed(await limiter.hit(counters))
    assert value("linky_rate_limited_total", limit="login") == before + 1


async def test_a_failed_sign_in_is_counted_and_is_an_event_that_names_nobody(world: World) -> None:
    member = await world.member()
    before = value("linky_sign_ins_failed_total", way="password")
    with capture_logs() as lines:
        for email in (member.email, "nobody-has-this@example.com"):
            sent = {"email": email, "password": "wrong-password-4817"}
            expect(await world.anonymous().post("/auth/login", json=sent), 401)
    events = [line for line in lines if line["event"] == "sign_in_failed"]
    assert [line["reason"] for line in events] == ["wrong password", "unknown address"]
    assert "example.com" not in str(events)
    assert member.id not in str(events)
    assert value("linky_sign_ins_failed_total", way="password") == before + 2


async def test_a_reused_refresh_token_is_counted(world: World) -> None:
    member = await world.member()
    before = value("linky_sign_ins_failed_total", way="refresh")
    expect(await refresh(world, member.refresh_token), 200)
    world.clock.advance(minutes=5)
    expect(await refresh(world, member.refresh_token), 401, "refresh_token_reused")
    assert value("linky_sign_ins_failed_total", way="refresh") == before + 1


async def test_pushes_are_counted_by_their_outcome(world: World) -> None:
    author, reader = await world.member(), await world.member()
    for device, outcome in (("one", PushOutcome.SENT), ("two", PushOutcome.DEAD)):
        await register_device(author, device, device)
        world.push.outcomes[device] = outcome
    before = {outcome: value("linky_pushes_total", outcome=outcome) for outcome in PushOutcome}
    await world.comment(reader, await world.post(author))
    await run_jobs(world, JOBS)
    after = {outcome: value("linky_pushes_total", outcome=outcome) for outcome in PushOutcome}
    changed = {outcome: after[outcome] - before[outcome] for outcome in PushOutcome}
    assert changed == dict.fromkeys(PushOutcome, 0) | {PushOutcome.SENT: 1, PushOutcome.DEAD: 1}


async def test_the_event_loops_lag_is_measured() -> None:
    async with watched_loop():
        before = value("linky_event_loop_lag_seconds_sum")
        await asyncio.sleep(0)
        time.sleep(0.4)
        while value("linky_event_loop_lag_seconds_sum") == before:
            await asyncio.sleep(0.01)
    # It should have been woken after a quarter of a second.
    assert value("linky_event_loop_lag_seconds_sum") - before >= 0.1
