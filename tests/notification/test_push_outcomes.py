"""What each FCM answer does to devices and jobs, with the real SDK, HTTP and worker."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.api import JOBS
from app.integrations.push import FcmPushSender, fcm, fcm_connection, fcm_message
from app.jobs import Pace, Worker
from app.notification.jobs import delete_stale_devices
from tests.support.api import Api, expect
from tests.support.fakes import FakeClock
from tests.support.fcm import FakeFcm, fake_fcm
from tests.support.notifications import register_device, unread_count
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World

pytestmark = pytest.mark.anyio

PACE = Pace(poll=timedelta(seconds=0.2))


@pytest.fixture
def google() -> Iterator[FakeFcm]:
    with fake_fcm() as fake:
        yield fake


class Phones:
    """An author with phones, a reader, and the real queue.

    The fake FCM chooses its answer by the phone's address.
    """

    def __init__(self, world: World, url: str, google: FakeFcm, credentials: Path) -> None:
        self.world = world
        self.url = url
        self.google = google
        self.credentials = credentials
        self.author = self.reader = world.anonymous()
        self.post: dict[str, Any] = {}

    async def open(self) -> None:
        self.author, self.reader = await self.world.member(), await self.world.member()
        self.post = await self.world.post(self.author)

    def restart(self) -> None:
        """Makes a new sender without memory of earlier answers, like a restarted worker."""
        self.world.runtime.push = FcmPushSender(self.credentials, self.google.url)

    async def add(self, *addresses: str, platform: str = "android") -> None:
        for value in addresses:
            await register_device(self.author, f"i-{value}", value, platform=platform)

    async def comment(self) -> dict[str, Any]:
        return await self.world.comment(self.reader, self.post)

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.world.runtime.sessions() as session:
            return [tuple(row) for row in await session.execute(text(statement))]

    async def devices(self) -> set[str]:
        return {value for (value,) in await self.rows("SELECT value FROM user_devices")}

    async def jobs(self) -> list[tuple[str, int, float]]:
        """Status, attempts, and the delay in seconds from the last update until the job is due."""
        return [
            (status, attempts, float(delay))
            for status, attempts, delay in await self.rows(
                "SELECT status::text, attempts, extract(epoch FROM execute_after - updated) "
                "FROM pgqueuer ORDER BY id"
            )
        ]

    async def have_failed(self, count: int) -> bool:
        return [attempts for _, attempts, _ in await self.jobs()] == [1] * count

    async def make_due(self) -> None:
        async with self.world.runtime.sessions.begin() as session:
            await session.execute(
                text("UPDATE pgqueuer SET execute_after = now() WHERE status = 'queued'")
            )

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        worker = Worker(self.url, self.world.runtime.unit_of_work, JOBS, [], PACE)
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            worker.stop()
            await asyncio.wait_for(task, HANG_SECONDS)

    async def work(self) -> None:
        """Runs jobs until none is due."""
        async with self.working():
            await until(self._is_idle)

    async def _is_idle(self) -> bool:
        due = await self.rows(
            "SELECT id FROM pgqueuer WHERE status = 'picked' "
            "OR (status = 'queued' AND execute_after <= clock_timestamp())"
        )
        return not due

    def sent_to(self) -> list[str]:
        return [message["token"] for message in self.google.sent]


@pytest.fixture
async def phones(
    committed_world: World, own_database: str, google: FakeFcm, tmp_path: Path
) -> Phones:
    credentials = google.write_credentials(tmp_path / "key.json")
    phones = Phones(committed_world, own_database, google, credentials)
    phones.restart()
    await phones.open()
    return phones


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
            may_answer.wait(10)
        return answer(path, body)

    monkeypatch.setattr(phones.google, "answer", answer_late)
    await phones.add("unregistered-1")
    await phones.comment()
    async with phones.working():
        assert await asyncio.to_thread(asked.wait, 10)
        if is_changed:
            await register_device(phones.author, "i-unregistered-1", "ok-2")
        may_answer.set()
        await until(phones._is_idle)
    assert await phones.devices() == ({"ok-2"} if is_changed else set())


# Our own faults


async def test_a_malformed_message_fails_its_job_at_once_and_keeps_the_device(
    phones: Phones,
) -> None:
    await phones.add("badpayload-1")
    await phones.comment()
    await phones.work()
    assert [(status, attempts) for status, attempts, _ in await phones.jobs()] == [("failed", 1)]
    assert phones.google.tries == {"badpayload-1": 1}
    assert await phones.devices() == {"badpayload-1"}


async def test_a_malformed_message_to_one_phone_does_not_stop_the_others(phones: Phones) -> None:
    await phones.add("ok-1", "badpayload-1")
    await phones.comment()
    await phones.work()
    assert phones.sent_to() == ["ok-1"]
    assert [(status, attempts) for status, attempts, _ in await phones.jobs()] == [("failed", 1)]
    assert await phones.devices() == {"ok-1", "badpayload-1"}


# Retries


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("quota-1", 7, 7 * 1.25),
        ("quotanoheader-1", 60, 60 * 1.25),
        ("unavailable-1", 3, 3 * 1.25),
        ("unavailablenoheader-1", 10, 10 * 1.25),
        ("internal-1", 10, 10 * 1.25),
    ],
)
async def test_only_the_delayed_phone_is_retried_and_not_too_early(
    phones: Phones, value: str, least: float, most: float
) -> None:
    phones.google.once = True
    await phones.add("ok-1", value)
    comment = await phones.comment()
    await phones.work()
    assert phones.google.tries == {"ok-1": 1, value: 1}
    ((status, attempts, delay),) = await phones.jobs()
    assert (status, attempts) == ("queued", 0)
    assert least - 0.5 <= delay <= most + 0.5
    assert await phones.devices() == {"ok-1", value}
    await phones.make_due()
    await phones.work()
    assert phones.google.tries == {"ok-1": 1, value: 2}
    assert phones.sent_to() == ["ok-1", value]
    assert len({message["android"]["collapse_key"] for message in phones.google.sent}) == 1
    assert {message["data"]["comment_id"] for message in phones.google.sent} == {comment["id"]}
    assert await phones.jobs() == []


@pytest.mark.parametrize(
    ("value", "pause"), [("quota-1", 7), ("quotanoheader-1", 60), ("unavailable-1", 3)]
)
async def test_retries_after_the_same_pause_are_spread(
    phones: Phones, value: str, pause: float
) -> None:
    await phones.add(value)
    for _ in range(4):
        await phones.comment()
    await phones.work()
    jobs = await phones.jobs()
    assert [(status, attempts) for status, attempts, _ in jobs] == [("queued", 1)] * 4
    delays = {delay for *_, delay in jobs}
    assert len(delays) == 4
    assert all(pause <= round(delay, 3) <= pause * 1.25 for delay in delays)


@pytest.mark.parametrize("value", ["unavailablenoheader-1", "internal-1"])
async def test_without_a_retry_after_header_the_pauses_grow(phones: Phones, value: str) -> None:
    await phones.add(value)
    await phones.comment()
    for attempt, pause in enumerate([2, 6, 18, 54], start=1):
        await phones.work()
        ((status, attempts, delay),) = await phones.jobs()
        assert (status, attempts) == ("queued", attempt)
        assert pause * 0.75 <= delay <= pause
        await phones.make_due()
    assert await phones.devices() == {value}


async def test_an_hour_without_fcm_delays_messages_and_loses_none(phones: Phones) -> None:
    """Time is simulated: each pause of the queue is added up, and its jobs are made due at once."""
    phones.google.down = True
    await phones.add("ok-1", "ok-2")
    comment = await phones.comment()
    passed = 0.0
    while passed < 3600:
        await phones.work()
        waiting = await phones.jobs()
        assert [status for status, *_ in waiting] == ["queued"] * 2
        passed += min(delay for *_, delay in waiting)
        await phones.make_due()
    assert phones.sent_to() == []
    assert await phones.devices() == {"ok-1", "ok-2"}
    phones.google.down = False
    await phones.work()
    assert sorted(phones.sent_to()) == ["ok-1", "ok-2"]
    assert {message["data"]["comment_id"] for message in phones.google.sent} == {comment["id"]}
    assert await phones.jobs() == []


async def test_after_a_timeout_the_message_is_sent_again_with_the_same_collapse_id(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcm_connection, "HTTP_SECONDS", 0.3)
    phones.google.hold()
    await phones.add("ok-1")
    await phones.comment()
    await phones.work()
    ((status, attempts, _),) = await phones.jobs()
    assert (status, attempts) == ("queued", 1)
    phones.google.go_on()
    while await phones.jobs():
        await phones.make_due()
        await phones.work()

    # FCM had accepted the first message. The phone shows both as one, by the collapse id.
    await until(lambda: len(phones.google.sent) >= 2)
    assert (
        len({message["apns"]["headers"]["apns-collapse-id"] for message in phones.google.sent}) == 1
    )


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


async def test_the_queue_resumes_by_itself_after_the_credentials_are_replaced(
    phones: Phones, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fcm, "STOP_PAUSE", timedelta(seconds=0.5))
    phones.google.revoked = {"1"}
    await phones.add("ok-1")
    for _ in range(3):
        await phones.comment()
    async with phones.working():
        # The worker and its sender stay; only the file is replaced.
        await until(lambda: phones.have_failed(3))
        assert phones.sent_to() == []
        phones.google.write_credentials(tmp_path / "key.json")
        await phones.make_due()
        async with asyncio.timeout(HANG_SECONDS):
            while await phones.jobs():
                await phones.make_due()
                await asyncio.sleep(0.2)
    assert phones.sent_to() == ["ok-1"] * 3


async def test_a_revoked_service_account_key_stops_all_pushes(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = phones.google.answer

    def refuse_the_key(path: str, body: bytes) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        if path == "/token":
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT"}, {}
        return answer(path, body)

    await phones.add("ok-1")
    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(phones.google, "answer", refuse_the_key)
        await phones.comment()
        await phones.work()
    assert [log["log_level"] for log in logs if log["event"] == "push_stopped"] == ["error"]
    ((status, attempts, delay),) = await phones.jobs()
    assert (status, attempts) == ("queued", 1)
    assert delay >= 300
    assert phones.sent_to() == []
    phones.restart()
    await phones.make_due()
    await phones.work()
    assert phones.sent_to() == ["ok-1"]


async def test_a_wrong_apns_key_stops_pushes_to_iphones_only(phones: Phones) -> None:
    await phones.add("apns-1", platform="ios")
    await phones.add("ok-1")
    with capture_logs() as logs:
        await phones.comment()
        await phones.work()
    assert [log["whom"] for log in logs if log["event"] == "push_stopped"] == ["ios"]
    assert phones.sent_to() == ["ok-1"]
    assert await phones.devices() == {"apns-1", "ok-1"}
    assert [status for status, *_ in await phones.jobs()] == ["queued"]


# Recipients


async def switch_off(phones: Phones, comment: dict[str, Any]) -> None:
    form = {"comment": False}
    expect(await phones.author.patch("/notifications/settings", json=form), 200)


async def block(phones: Phones, comment: dict[str, Any]) -> None:
    expect(await phones.author.put(f"/users/{phones.reader.id}/block"), 204)


async def delete(phones: Phones, comment: dict[str, Any]) -> None:
    expect(await phones.reader.delete(f"/comments/{comment['id']}"), 204)


async def hide(phones: Phones, comment: dict[str, Any]) -> None:
    await phones.world.hide_comment(comment)


async def log_out(phones: Phones, comment: dict[str, Any]) -> None:
    form = {"refresh_token": phones.author.refresh_token}
    expect(await phones.author.post("/auth/logout", json=form), 204)


async def sign_in_another_user(phones: Phones, comment: dict[str, Any]) -> None:
    """The same installation and address, with another user signed in."""
    await register_device(phones.reader, "i-quota-1", "quota-1", platform="android")


async def reinstall_for_another(phones: Phones, comment: dict[str, Any]) -> None:
    await register_device(phones.reader, "i-another", "quota-1", platform="android")


async def wait(phones: Phones, comment: dict[str, Any]) -> None:
    """The control case: nothing changes, so the message is sent."""


@pytest.mark.parametrize(
    "change",
    [switch_off, block, delete, hide, log_out, sign_in_another_user, reinstall_for_another, wait],
)
async def test_a_delayed_message_is_checked_again_before_it_is_sent(
    phones: Phones, change: Callable[[Phones, dict[str, Any]], Awaitable[None]]
) -> None:
    phones.google.once = True
    await phones.add("quota-1", "ok-1")
    comment = await phones.comment()
    await phones.work()
    assert phones.sent_to() == ["ok-1"]
    await change(phones, comment)
    await phones.make_due()
    await phones.work()
    assert phones.sent_to() == (["ok-1", "quota-1"] if change is wait else ["ok-1"])
    assert await phones.jobs() == []


async def test_a_phone_gets_only_the_messages_of_its_new_user(
    phones: Phones,
) -> None:
    await phones.add("ok-1")
    await phones.comment()
    await register_device(phones.reader, "i-ok-1", "ok-1", platform="android")
    own = await phones.world.post(phones.reader)
    comment = await phones.world.comment(phones.author, own)
    await phones.work()
    (message,) = phones.google.sent
    assert message["data"]["comment_id"] == comment["id"]
    assert message["apns"]["payload"]["aps"]["badge"] == await unread_count(phones.reader) == 1


async def test_a_device_unseen_for_270_days_is_deleted(
    phones: Phones, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones.world.runtime.clock = clock

    async def sweep(api: Api, days: float) -> None:
        clock.advance(days=days)
        async with phones.world.runtime.unit_of_work() as ctx:
            await delete_stale_devices(ctx)

    await phones.add("ok-old", "ok-seen")
    await sweep(phones.author, 200)
    async with phones.world.runtime.unit_of_work() as ctx:
        await ctx.session.execute(
            text("UPDATE user_devices SET seen_at = :now WHERE value = 'ok-seen'"),
            {"now": clock()},
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
    assert len(json.dumps(message, ensure_ascii=False).encode()) <= fcm_message.MAX_PAYLOAD_BYTES
    assert set(message["notification"]["body"]) <= {"🍣", "…"}
