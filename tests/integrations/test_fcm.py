"""FCM with the real SDK over real HTTP: how each answer changes the state of a device."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from app.integrations.push import fcm as module
from app.integrations.push.base import PushError, PushMessage, PushOutcome, PushTarget, Sent
from app.integrations.push.fcm import MAX_PAYLOAD_BYTES, QUOTA_PAUSE, FcmPushSender, fcm_message
from tests.support.fcm import ANSWERS, FakeFcm, fake_fcm
from tests.support.waiting import HANG_SECONDS, until

pytestmark = pytest.mark.anyio

MESSAGE = PushMessage(
    title="はなこさんがコメントしました",
    body="きれいな写真ですね",
    data={"type": "comment", "post_id": "p", "notification_id": "n", "url": "http://x/p"},
    badge=3,
    collapse_id="n",
    channel="comments",
)


@pytest.fixture
def fcm() -> Iterator[FakeFcm]:
    with fake_fcm() as server:
        yield server


@pytest.fixture
def sender(fcm: FakeFcm, tmp_path: Path) -> FcmPushSender:
    return FcmPushSender(fcm.write_credentials(tmp_path / "key.json"), fcm.url)


def target(value: str, kind: str = "fcm_token", platform: str = "android") -> PushTarget:
    return PushTarget(uuid4(), kind, value, platform)


async def send_one(sender: FcmPushSender, value: str, **how: str) -> Sent:
    (sent,) = await sender.send(MESSAGE, [target(value, **how)])
    return sent


async def test_a_message_has_text_badge_data_channel_and_collapse_id(
    sender: FcmPushSender, fcm: FakeFcm
) -> None:
    targets = [target("ok-1"), target("ok-2", kind="fid", platform="ios")]
    outcomes = [sent.outcome for sent in await sender.send(MESSAGE, targets)]
    assert outcomes == [PushOutcome.SENT, PushOutcome.SENT]
    by_kind = {"token" if "token" in m else "fid": m for m in fcm.sent}
    assert (by_kind["token"]["token"], by_kind["fid"]["fid"]) == ("ok-1", "ok-2")
    for message in by_kind.values():
        assert message["notification"] == {"title": MESSAGE.title, "body": MESSAGE.body}
        assert message["data"] == dict(MESSAGE.data)
        assert message["apns"]["payload"]["aps"]["badge"] == 3
        assert message["apns"]["headers"]["apns-collapse-id"] == "n"
        assert message["android"]["collapse_key"] == "n"
        assert message["android"]["notification"] == {"channel_id": "comments", "tag": "n"}


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("unregistered", PushOutcome.DEAD),
        ("sender", PushOutcome.DEAD),
        ("badtoken", PushOutcome.DEAD),
        ("badpayload", PushOutcome.OUR_FAULT),
        ("quota", PushOutcome.LATER),
        ("unavailable", PushOutcome.LATER),
        ("internal", PushOutcome.LATER),
    ],
)
async def test_each_answer_has_its_outcome_and_the_sdk_does_not_retry(
    sender: FcmPushSender, fcm: FakeFcm, value: str, outcome: PushOutcome
) -> None:
    assert (await send_one(sender, f"{value}-x")).outcome == outcome
    # Our job queue retries, so the SDK's own retries are off.
    assert fcm.tries[f"{value}-x"] == 1
    assert (await send_one(sender, "ok-x")).outcome == PushOutcome.SENT


async def test_every_answer_of_the_fake_is_tested() -> None:
    seen = {"unregistered", "sender", "badtoken", "badpayload", "quota", "quotanoheader"}
    seen |= {"unavailable", "unavailablenoheader", "internal"}
    seen |= {"apns", "unauthenticated", "forbidden"}
    assert seen == set(ANSWERS)


async def test_retry_after_is_honoured_and_a_quota_without_it_waits_a_minute(
    sender: FcmPushSender,
) -> None:
    assert (await send_one(sender, "quota-1")).retry_after == timedelta(seconds=40)
    assert (await send_one(sender, "unavailable-1")).retry_after == timedelta(seconds=30)
    assert (await send_one(sender, "quotanoheader-1")).retry_after == QUOTA_PAUSE
    assert (await send_one(sender, "unavailablenoheader-1")).retry_after is None


async def test_retry_after_may_be_a_date(
    sender: FcmPushSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=90)
    dated = ANSWERS["quota"]._replace(
        headers={"Retry-After": soon.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    )
    monkeypatch.setitem(ANSWERS, "quota", dated)
    begun = time.monotonic()
    waited = (await send_one(sender, "quota-2")).retry_after
    took = timedelta(seconds=time.monotonic() - begun)
    assert waited is not None
    # A date in HTTP has no fractions of a second.
    assert timedelta(seconds=88) - took < waited <= timedelta(seconds=90)


@pytest.mark.parametrize("value", ["unauthenticated-1", "forbidden-1"])
async def test_refused_credentials_are_refreshed_once_and_then_all_sending_stops(
    sender: FcmPushSender, fcm: FakeFcm, value: str
) -> None:
    sent = await send_one(sender, value)
    assert sent.outcome == PushOutcome.STOPPED
    assert fcm.tries[value] == 2
    assert fcm.token_requests == 2
    stopped = await send_one(sender, "ok-1")
    assert stopped.outcome == PushOutcome.STOPPED
    assert stopped.retry_after is not None
    assert fcm.tries["ok-1"] == 0


@pytest.mark.parametrize("value", ["unauthenticated-1", "forbidden-1"])
async def test_sending_goes_on_if_a_new_access_token_helps(
    sender: FcmPushSender, fcm: FakeFcm, value: str
) -> None:
    fcm.once = True
    assert (await send_one(sender, value)).outcome == PushOutcome.SENT
    assert (await send_one(sender, "ok-1")).outcome == PushOutcome.SENT
    assert fcm.token_requests == 2


async def test_a_replaced_key_is_used_after_the_pause(
    sender: FcmPushSender, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "STOP_PAUSE", timedelta(seconds=0.2))
    assert (await send_one(sender, "ok-1")).outcome == PushOutcome.SENT
    fcm.revoked = {"1"}
    fcm.refused = ANSWERS["unauthenticated"]
    assert (await send_one(sender, "ok-1")).outcome == PushOutcome.STOPPED
    fcm.refused = None
    await asyncio.sleep(0.25)
    # The file still has the old key.
    monkeypatch.setattr(module, "TOKEN_PAUSE_SECONDS", 0.0)
    assert (await send_one(sender, "unauthenticated-1")).outcome == PushOutcome.STOPPED
    fcm.write_credentials(tmp_path / "key.json")
    await asyncio.sleep(0.25)
    assert (await send_one(sender, "ok-1")).outcome == PushOutcome.SENT


async def test_without_a_valid_key_sending_stops_until_the_key_is_there(
    sender: FcmPushSender, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "STOP_PAUSE", timedelta(seconds=0.2))
    for broken in (None, "{", "{}"):
        (tmp_path / "key.json").unlink(missing_ok=True)
        if broken is not None:
            (tmp_path / "key.json").write_text(broken)
        with capture_logs() as logs:
            assert (await send_one(sender, "ok-1")).outcome == PushOutcome.STOPPED
        assert [(entry["event"], entry["log_level"]) for entry in logs] == [
            ("push_stopped", "error")
        ]
        await asyncio.sleep(0.25)
    fcm.write_credentials(tmp_path / "key.json")
    assert (await send_one(sender, "ok-1")).outcome == PushOutcome.SENT


async def test_a_failing_token_endpoint_means_later(sender: FcmPushSender, fcm: FakeFcm) -> None:
    fcm.token_status = 503
    with capture_logs() as logs:
        assert (await send_one(sender, "ok-1")).outcome == PushOutcome.LATER
    assert not [entry for entry in logs if entry["event"] == "push_stopped"]


async def test_many_devices_of_another_project_are_logged_as_an_error(
    sender: FcmPushSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIN_MISMATCH_RATIO", 0.5)
    with capture_logs() as logs:
        await sender.send(MESSAGE, [target(f"ok-{n}") for n in range(5)])
        for _ in range(4):
            await send_one(sender, "sender-1")
        assert not [entry for entry in logs if entry["log_level"] == "error"]
        await send_one(sender, "sender-1")
    (error,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert error["event"] == "push_key_of_another_project"
    assert (error["mismatches"], error["answers"]) == (5, 10)


async def test_twenty_messages_at_once_fetch_only_one_access_token(
    sender: FcmPushSender, fcm: FakeFcm
) -> None:
    sent = await sender.send(MESSAGE, [target(f"ok-{n}") for n in range(20)])
    assert {result.outcome for result in sent} == {PushOutcome.SENT}
    assert fcm.token_requests == 1


async def test_a_failed_access_token_request_is_not_repeated_for_each_message(
    sender: FcmPushSender, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HTTP_SECONDS", 0.3)
    monkeypatch.setattr(module, "TOKEN_PAUSE_SECONDS", HANG_SECONDS)
    fcm.hold(tokens=True)
    sent = await sender.send(MESSAGE, [target(f"ok-{n}") for n in range(10)])
    assert {result.outcome for result in sent} == {PushOutcome.LATER}
    # It may be given up before the server has read it, but it is never made again.
    assert fcm.token_requests <= 1


async def test_a_failed_access_token_request_is_repeated_after_a_pause(
    sender: FcmPushSender, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOKEN_PAUSE_SECONDS", 0.2)
    with monkeypatch.context() as impatient:
        impatient.setattr(module, "HTTP_SECONDS", 0.3)
        fcm.hold(tokens=True)
        assert (await send_one(sender, "ok-1")).outcome == PushOutcome.LATER
    fcm.go_on()

    async def it_is_sent() -> bool:
        return (await send_one(sender, "ok-1")).outcome == PushOutcome.SENT

    await until(it_is_sent)


async def test_a_wrong_apns_key_stops_only_iphones(sender: FcmPushSender, fcm: FakeFcm) -> None:
    assert (await send_one(sender, "apns-1", platform="ios")).outcome == PushOutcome.STOPPED
    assert (await send_one(sender, "ok-1", platform="ios")).outcome == PushOutcome.STOPPED
    assert (await send_one(sender, "ok-2", platform="android")).outcome == PushOutcome.SENT


async def test_an_unreachable_service_means_later(tmp_path: Path) -> None:
    with fake_fcm() as fcm:
        credentials = fcm.write_credentials(tmp_path / "key.json")
    unreachable = FcmPushSender(credentials, fcm.url)
    assert (await send_one(unreachable, "ok-1")).outcome == PushOutcome.LATER


@pytest.mark.parametrize("letter", ["a", "あ", "🍣", "é", "👨‍👩‍👧‍👦", "👍🏽", "🇯🇵", "ｶﾞ"])
def test_the_body_is_cut_to_the_byte_limit_and_never_inside_a_letter(letter: str) -> None:
    long = PushMessage(
        title=letter * 100,
        body=letter * 4000,
        data=MESSAGE.data,
        badge=1,
        collapse_id="c" * 36,
        channel="comments",
    )
    message = fcm_message(long, target("t" * 200))
    body = message.notification.body
    assert body.endswith("…")
    assert set(body.removesuffix("…").split(letter)) == {""}
    text_bytes = len(body.encode()) + len(long.title.encode())
    data_bytes = sum(len(name) + len(value) for name, value in long.data.items())
    assert text_bytes + data_bytes + len(long.collapse_id) * 3 <= MAX_PAYLOAD_BYTES
    assert text_bytes > MAX_PAYLOAD_BYTES / 2


async def test_a_check_only_validates_and_sends_no_message(
    sender: FcmPushSender, fcm: FakeFcm
) -> None:
    await sender.check()
    assert (len(fcm.validated), fcm.sent) == (1, [])
    fcm.refused = ANSWERS["unauthenticated"]
    with pytest.raises(PushError, match="FCM refuses: UNAUTHENTICATED"):
        await sender.check()


async def test_a_check_reports_a_key_that_google_refuses(
    sender: FcmPushSender, fcm: FakeFcm, tmp_path: Path
) -> None:
    fcm.gives_tokens = False
    with pytest.raises(PushError, match="no token for the key"):
        await sender.check()
    (tmp_path / "none.json").write_text("{}")
    for broken in (tmp_path / "nowhere.json", tmp_path / "none.json"):
        with pytest.raises(PushError, match="can't be read"):
            await FcmPushSender(broken, fcm.url).check()
