"""Delayed pushes: when they are sent again, and the check before it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.integrations.push import fcm
from tests.notification import phones as phones_module
from tests.notification.phones import PACE, Phones
from tests.support.waiting import until

# Retries


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("quota-1", 40, 40 * 1.25),
        ("quotanoheader-1", 60, 60 * 1.25),
        ("unavailable-1", 30, 30 * 1.25),
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
    ("value", "pause"), [("quota-1", 40), ("quotanoheader-1", 60), ("unavailable-1", 30)]
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


@pytest.fixture
def long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's own pauses begin with a minute, so that no retry comes before it is made due."""
    monkeypatch.setattr(phones_module, "PACE", replace(PACE, retry_base=timedelta(minutes=1)))


@pytest.mark.usefixtures("long_pauses")
@pytest.mark.parametrize("value", ["unavailablenoheader-1", "internal-1"])
async def test_without_a_retry_after_header_the_pauses_grow(phones: Phones, value: str) -> None:
    await phones.add(value)
    await phones.comment()
    for attempt, pause in enumerate([60, 180, 540, 600], start=1):
        await phones.work()
        ((status, attempts, delay),) = await phones.jobs()
        assert (status, attempts) == ("queued", attempt)
        assert pause * 0.75 <= delay <= pause
        await phones.make_due()
    assert await phones.devices() == {value}


@pytest.mark.usefixtures("long_pauses")
async def test_after_a_timeout_the_message_is_sent_again_with_the_same_collapse_id(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcm, "HTTP_SECONDS", 0.3)
    phones.google.hold()
    await phones.add("ok-1")
    await phones.comment()
    await phones.work()
    while not phones.google.held:  # It got no access token in time.
        await phones.make_due()
        await phones.work()
    ((status, attempts, _),) = await phones.jobs()
    assert status == "queued"
    assert attempts >= 1
    phones.google.go_on()
    while await phones.jobs():
        await phones.make_due()
        await phones.work()

    # FCM had accepted the first message. The phone shows both as one, by the collapse id.
    await until(lambda: len(phones.google.sent) >= 2)
    assert (
        len({message["apns"]["headers"]["apns-collapse-id"] for message in phones.google.sent}) == 1
    )
