"""Webhooks: what is sent for which cause, once, and what happens if nothing takes it."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from app.console.gate import PATH
from app.core.metrics import REGISTRY
from app.jobs.definitions import GiveUp, RetryLater
from app.reports.jobs import JOBS as REPORTS_JOBS
from app.reports.jobs import note_due
from app.reports.service import NOTED_AT_ONCE
from app.webhook.enums import WebhookEvent
from app.webhook.jobs import JOBS
from app.webhook.service import WebhookService
from tests.support.api import Api, expect
from tests.support.console import signed_in, undo
from tests.support.hooks import SECRET, Hook, give_up_quickly, is_signed, running_hook, use_hooks
from tests.support.jobs import run_jobs
from tests.support.sql import count, sql
from tests.support.stub_server import Request, Response
from tests.support.waiting import HANG_SECONDS
from tests.support.world import World, token

WAITING = "SELECT count(*) AS n FROM pgqueuer WHERE entrypoint = 'webhook.send'"


def events_of(hook: Hook, event: str) -> list[Request]:
    return [received for received in hook.received if received.json["type"] == event]


async def report(reporter: Api, target_id: str, **fields: Any) -> None:
    form = {"target_type": "post", "target_id": target_id, "reason": "spam", "detail": "ひみつ"}
    assert (await reporter.post("/reports", json={**form, **fields})).status_code in (200, 201)


async def test_a_suspension_that_an_undo_puts_back_is_not_announced_again(world: World) -> None:
    with running_hook() as hook:
        use_hooks(world, webhook_url=hook.url, webhook_secret=SECRET)
        admin, author = await world.admin(), await world.member()
        browser = await signed_in(world, admin)
        user = f"/users/{author.id}"
        await browser.post(f"{user}/suspend", reason="荒らし", days="good")
        await browser.post(f"{user}/restore", reason="理由")
        await undo(browser, f"{user}?done=restore")
        assert await run_jobs(world, JOBS) == 1
    assert [received.json["type"] for received in hook.received] == ["user.suspended"]


async def look_for_due(world: World) -> None:
    async with world.runtime.writing() as ctx:
        await note_due(ctx)
    await run_jobs(world, [*REPORTS_JOBS, *JOBS])


async def test_each_event_is_sent_signed_with_ids_and_the_consoles_address_alone(
    world: World,
) -> None:
    with running_hook() as hook:
        use_hooks(world, webhook_url=hook.url, webhook_secret=SECRET)
        admin, author = await world.admin(), await world.member("花子")
        post = await world.post(author, title="ひみつの題")
        await report(await world.member(), post["id"])
        await report(await world.member(), post["id"])
        form = {"name": f"部屋 {token()}", "description": "説明", "reason": "ひみつ"}
        request = expect(await author.post("/lounge-requests", json=form), 201)
        suspension = {"status": "suspended", "reason": "ひみつの理由"}
        for _ in range(2):
            expect(await admin.patch(f"/admin/users/{author.id}", json=suspension), 200)
        async with world.runtime.writing() as ctx:
            await WebhookService(ctx).announce(WebhookEvent.APPEAL_CREATED, uuid4())
        assert hook.received == []
        assert await run_jobs(world, JOBS) == 4
    (case,) = await admin.items("/admin/reports")
    by_event = {received.json["type"]: received for received in hook.received}
    base = world.runtime.settings.base_url
    assert by_event["report.opened"].json["data"] == {
        "report_id": case["id"], "url": f"{base}/admin/reports",
    }  # fmt: skip
    assert by_event["lounge_request.created"].json["data"] == {
        "lounge_request_id": request["id"], "url": f"{base}/admin/requests",
    }  # fmt: skip
    assert by_event["user.suspended"].json["data"] == {
        "user_id": author.id, "url": f"{base}/admin/users/{author.id}",
    }  # fmt: skip
    assert set(by_event["appeal.created"].json["data"]) == {"appeal_id", "url"}
    assert len({received.headers["webhook-id"] for received in hook.received}) == 4
    for received in hook.received:
        assert is_signed(received)
        assert set(received.json) == {"type", "timestamp", "data"}
        assert datetime.fromisoformat(received.json["timestamp"]).tzinfo == UTC
        assert received.headers["content-type"] == "application/json"
        assert "ひみつ".encode() not in received.body
        assert author.email.encode() not in received.body
    assert PATH in by_event["report.opened"].json["data"]["url"]


async def test_what_rolls_back_is_not_announced_and_without_a_webhook_nothing_is(
    world: World,
) -> None:
    post = await world.post(await world.member())
    await report(await world.member(), post["id"])
    assert await sql(world, WAITING) == [{"n": 0}]
    use_hooks(world, webhook_url="http://127.0.0.1:9", webhook_secret=SECRET)
    with suppress(ZeroDivisionError):
        async with world.runtime.writing() as ctx:
            await WebhookService(ctx).announce(WebhookEvent.APPEAL_CREATED, uuid4())
            raise ZeroDivisionError
    member, taken = await world.member(), (await world.lounge())["name"]
    form = {"name": taken, "description": "説明", "reason": ""}
    expect(await member.post("/lounge-requests", json=form), 409, "lounge_name_taken")
    assert await sql(world, WAITING) == [{"n": 0}]


@pytest.mark.parametrize(
    "says",
    [
        None,
        b"nonsense\r\n\r\n",
        Response(500),
        Response(404),
        Response(302, headers={"Location": "http://127.0.0.1"}),
    ],
)
async def test_an_event_is_tried_for_a_day_under_one_id_and_then_kept(
    world: World, says: Response | bytes | None
) -> None:
    with running_hook(says) as hook:
        use_hooks(world, webhook_url=hook.url, webhook_secret=SECRET)
        if says is None:
            give_up_quickly(world)
        async with world.runtime.writing() as ctx:
            await WebhookService(ctx).announce(WebhookEvent.APPEAL_CREATED, uuid4())
        pauses = []
        for hours in (0, 0.01, 1, 22.9):
            world.clock.advance(hours=hours)
            with capture_logs() as logs, pytest.raises(RetryLater) as later:
                await run_jobs(world, JOBS)
            pauses.append(later.value.after)
            assert [entry["event"] for entry in logs] == ["webhook_failed"]
            assert "t0ken" not in repr(logs)
        assert pauses[0] <= pauses[1] <= pauses[2]
        assert pauses[0] < timedelta(seconds=1)
        assert max(pauses) <= timedelta(minutes=30)
        world.clock.advance(minutes=6)
        with pytest.raises(GiveUp):
            await run_jobs(world, JOBS)
        assert len({received.headers["webhook-id"] for received in hook.received}) == 1
        stamps = [int(received.headers["webhook-timestamp"]) for received in hook.received]
        assert stamps == sorted(set(stamps))
        assert len({received.body for received in hook.received}) == 1
        assert all(is_signed(received) for received in hook.received)
        # An operator who puts it into the queue again has it sent, however old it is.
        hook.says = Response(200)
        world.runtime.outbound.seconds = HANG_SECONDS
        assert await run_jobs(world, JOBS) == 1
        assert await run_jobs(world, JOBS) == 0


async def test_a_case_is_announced_once_when_due_soon_and_once_when_overdue(world: World) -> None:
    with running_hook() as hook:
        use_hooks(world, webhook_url=hook.url, webhook_secret=SECRET)
        author, reporter = await world.member(), await world.member()
        posts = [await world.post(author) for _ in range(3)]
        await report(reporter, posts[0]["id"])
        await report(reporter, posts[1]["id"])
        await look_for_due(world)
        cases = {
            case["target_id"]: case["id"]
            for case in await (await world.admin()).items("/admin/reports")
        }
        world.clock.advance(hours=21, minutes=59)
        await look_for_due(world)
        assert events_of(hook, "report.due_soon") == []
        world.clock.advance(minutes=2)
        # One that is decided now is not due any more.
        admin = await world.admin()
        path = f"/admin/reports/{cases[posts[1]['id']]}/resolve"
        expect(await admin.post(path, json={"action": "dismiss", "note": ""}), 200)
        for _ in range(2):
            await look_for_due(world)
        (soon,) = events_of(hook, "report.due_soon")
        assert soon.json["data"]["report_id"] == cases[posts[0]["id"]]
        assert events_of(hook, "report.overdue") == []
        world.clock.advance(hours=2)
        for _ in range(2):
            await look_for_due(world)
        (overdue,) = events_of(hook, "report.overdue")
        assert overdue.json["data"]["report_id"] == cases[posts[0]["id"]]
        # One that became overdue while no worker ran was never due soon.
        await report(await world.member(), posts[2]["id"])
        world.clock.advance(hours=30)
        await look_for_due(world)
        assert len(events_of(hook, "report.due_soon")) == 1
        assert len(events_of(hook, "report.overdue")) == 2


async def test_many_cases_are_announced_in_batches(world: World) -> None:
    number = NOTED_AT_ONCE + 50
    await sql(
        world,
        "INSERT INTO report_cases (target_type, target_id, gravity, reasons, report_count,"
        " snapshot, due_at) SELECT 'post', gen_random_uuid(), 1, '{spam}', 1, '{}',"
        " now() + interval '1 hour' FROM generate_series(1, :number)",
        number=number,
    )
    async with world.runtime.writing() as ctx:
        await note_due(ctx)
    noted = "SELECT count(*) AS n FROM report_cases WHERE due_soon_noted_at IS NOT NULL"
    assert await sql(world, noted) == [{"n": NOTED_AT_ONCE}]
    assert await run_jobs(world, REPORTS_JOBS) == 1
    assert await sql(world, noted) == [{"n": number}]
    assert await count(world, "report_cases") == number


async def test_attempts_are_counted(world: World) -> None:
    def attempts(outcome: str) -> float:
        labels = {"event": "test", "outcome": outcome}
        return REGISTRY.get_sample_value("linky_webhooks_total", labels) or 0.0

    before = attempts("sent"), attempts("failed")
    with running_hook() as hook:
        use_hooks(world, webhook_url=hook.url, webhook_secret=SECRET)
        for says in (Response(204), Response(500)):
            hook.says = says
            async with world.runtime.writing() as ctx:
                await WebhookService(ctx).announce(WebhookEvent.TEST, uuid4())
            if says.status == 500:
                with pytest.raises(RetryLater):
                    await run_jobs(world, JOBS)
            else:
                await run_jobs(world, JOBS)
    assert (attempts("sent"), attempts("failed")) == (before[0] + 1, before[1] + 1)
