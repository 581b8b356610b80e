"""What each FCM answer does to devices and jobs, with the real SDK, HTTP and worker."""

import asyncio
import json
from collections.abc import Mapping
from threading import Event
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.integrations.push import fcm
from app.notification.jobs import delete_stale_devices
from app.notification.service import devices
from tests.notification.phones import Phones
from tests.support.api import Api
from tests.support.fakes import FakeClock
from tests.support.notifications import register_device
from tests.support.waiting import HANG_SECONDS, until

# Dead addresses


@pytest.mark.parametrize("dead", ["unregistered-1", "sender-1", "badtoken-1"])
async def test_a_dead_address_is_deleted_and_the_others_get_the_message(
    phones: Phones, dead: str
) -> None:
    await phones.add("ok-1", dead)
    await phones.comment()
    await phones.work()
    assert phones.sent_to() == ["ok-1"]
    assert phones.google.tries == {"ok-1": 1, dead: 1}
    assert await phones.devices() == {"ok-1"}
    assert await phones.jobs() == []
    await phones.comment()
    await phones.work()
    assert phones.google.tries == {"ok-1": 2, dead: 1}


@pytest.mark.parametrize("is_changed", [True, False])
async def test_a_device_that_changed_while_fcm_answered_is_kept(
    phones: Phones, monkeypatch: pytest.MonkeyPatch, is_changed: bool
) -> None:
    asked, may_answer = Event(), Event()
    answer = phones.google.answer

    def answer_late(path: str, body: bytes) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        if path != "/token":
            asked.set()
            may_answer.wait(HANG_SECONDS)
        return answer(path, body)

    monkeypatch.setattr(phones.google, "answer", answer_late)
    await phones.add("unregistered-1")
    await phones.comment()
    async with phones.working():
        assert await asyncio.to_thread(asked.wait, HANG_SECONDS)
        if is_changed:
            await register_device(phones.author, "i-unregistered-1", "ok-2")
        may_answer.set()
        await until(phones.is_idle)
    assert await phones.devices() == ({"ok-2"} if is_changed else set())


# Our own faults


async def test_a_malformed_message_to_one_phone_does_not_stop_the_others(phones: Phones) -> None:
    await phones.add("ok-1", "badpayload-1")
    await phones.comment()
    await phones.work()
    assert phones.sent_to() == ["ok-1"]
    assert [(status, attempts) for status, attempts, _ in await phones.jobs()] == [("failed", 1)]
    assert await phones.devices() == {"ok-1", "badpayload-1"}


# Stops


async def test_refused_credentials_stop_all_pushes_with_an_error_and_lose_none(
    phones: Phones,
) -> None:
    phones.google.once = True
    await phones.add("unauthenticated-1")
    with capture_logs() as logs:
        await phones.comment()
        await phones.work()
    # The SDK refreshed its token once, and the second token was accepted.
    assert phones.google.token_requests == 2
    assert phones.sent_to() == ["unauthenticated-1"]
    assert not [log for log in logs if log["event"] == "push_stopped"]

    phones.google.once = False
    with capture_logs() as logs:
        await phones.comment()
        await phones.work()
        tries = phones.google.tries.total()
        await phones.add("ok-1")
        await phones.comment()
        await phones.work()
    (stopped,) = [log for log in logs if log["event"] == "push_stopped"]
    assert (stopped["log_level"], stopped["whom"]) == ("error", "all")
    assert phones.google.tries.total() == tries
    assert await phones.devices() == {"unauthenticated-1", "ok-1"}
    jobs = await phones.jobs()
    assert [status for status, *_ in jobs] == ["queued"] * 3
    assert all(200 < delay <= 300 * 1.25 for *_, delay in jobs)

    phones.google.once = True
    phones.restart()
    await phones.make_due()
    await phones.work()
    assert await phones.jobs() == []
    # The first waiting message also goes to the phone added later.
    assert sorted(phones.sent_to()[1:]) == ["ok-1"] * 2 + ["unauthenticated-1"] * 2


# The count of pushes


@pytest.mark.parametrize(
    ("values", "counted"),
    [
        (["ok-1", "ok-2", "unregistered-1", "quota-1"], 1),
        (["unregistered-1"], 0),
        (["badpayload-1", "quota-1"], 0),
    ],
)
async def test_a_push_is_counted_once_if_a_phone_got_it(
    phones: Phones, values: list[str], counted: int
) -> None:
    await phones.add(*values)
    await phones.comment()
    await phones.work()
    assert set(phones.google.tries) == set(values)
    assert await phones.rows("SELECT count(*) FROM sent_pushes") == [(counted,)]


# Recipients and messages


async def test_a_device_unseen_for_270_days_is_deleted(
    phones: Phones, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones.world.runtime.clock = clock

    async def sweep(api: Api, days: float) -> None:
        clock.advance(days=days)
        async with phones.world.runtime.writing() as ctx:
            await delete_stale_devices(ctx)

    await phones.add("ok-old", "ok-seen")
    await sweep(phones.author, 200)
    async with phones.world.runtime.writing() as ctx:
        await ctx.db.execute(
            text("UPDATE user_devices SET seen_at = :now WHERE value = 'ok-seen'"), now=clock()
        )
    await sweep(phones.author, 69.9)
    assert await phones.devices() == {"ok-old", "ok-seen"}
    await sweep(phones.author, 0.2)
    assert await phones.devices() == {"ok-seen"}
    await phones.comment()
    await phones.work()
    assert phones.sent_to() == ["ok-seen"]


async def test_a_long_comment_is_cut_to_fit_the_payload(phones: Phones) -> None:
    await phones.add("ok-1")
    await phones.world.comment(phones.reader, phones.post, "🍣" * 2000)
    await phones.work()
    (message,) = phones.google.sent
    assert len(json.dumps(message, ensure_ascii=False).encode()) <= fcm.MAX_PAYLOAD_BYTES
    assert set(message["notification"]["body"]) <= {"🍣", "…"}


async def test_stale_devices_are_deleted_in_batches(
    phones: Phones, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "DEVICE_BATCH_ROWS", 2)
    monkeypatch.setattr(devices, "MAX_BATCHES", 2)
    phones.world.runtime.clock = clock
    await phones.add(*(f"ok-{number}" for number in range(5)))
    clock.advance(days=271)
    left = []
    for _ in range(2):
        async with phones.world.runtime.writing() as ctx:
            await delete_stale_devices(ctx)
        left.append(len(await phones.devices()))
    assert left == [1, 0]
