"""A case with many reporters: the decision notifies a batch, jobs notify the others."""

from app.reports.jobs import JOBS
from app.reports.service import NOTIFIED_AT_ONCE
from tests.support.api import Api, expect
from tests.support.jobs import run_jobs
from tests.support.sql import count, rows_changed, sql
from tests.support.world import World

MANY = 2 * NOTIFIED_AT_ONCE + 10

_REPORTERS = """
    WITH people AS (
        INSERT INTO users (provider, provider_user_id, nickname, role)
        SELECT 'google', 'sub ' || n, 'n' || n, 'user' FROM generate_series(1, :number) AS n
        RETURNING id
    )
    INSERT INTO reports (case_id, reporter_id, target_type, target_id, reason, detail)
    SELECT c.id, people.id, c.target_type, c.target_id, 'spam', '' FROM people, report_cases c
"""


async def decided_case(world: World) -> Api:
    """An admin who has closed a case with many reporters."""
    admin, reporter = await world.admin(), await world.member()
    post = await world.post(await world.member())
    form = {"target_type": "post", "target_id": post["id"], "reason": "spam"}
    expect(await reporter.post("/reports", json=form), 201)
    await sql(world, _REPORTERS, number=MANY - 1)
    (case,) = await admin.items("/admin/reports")
    path = f"/admin/reports/{case['id']}/resolve"
    before = await rows_changed(world)
    expect(await admin.post(path, json={"action": "dismiss"}), 200)
    changed = await rows_changed(world) - before
    assert changed["notifications"] == NOTIFIED_AT_ONCE
    return admin


async def notified(world: World) -> tuple[int, int]:
    """How many were notified, and how many users."""
    (row,) = await sql(
        world,
        "SELECT count(*) AS n, count(DISTINCT user_id) AS users FROM notifications"
        " WHERE type = 'report_resolved'",
    )
    return int(row["n"]), int(row["users"])


async def test_a_decision_notifies_a_batch_of_reporters_and_jobs_the_others(world: World) -> None:
    await decided_case(world)
    assert await run_jobs(world, JOBS) == 2
    assert await notified(world) == (MANY, MANY)
    assert await count(world, "pgqueuer", "entrypoint = 'notification.send_push'") == MANY


async def test_a_reporter_who_leaves_meanwhile_is_left_out(world: World) -> None:
    await decided_case(world)
    await sql(
        world,
        "UPDATE reports SET reporter_id = NULL WHERE reporter_id ="
        " (SELECT max(reporter_id::text)::uuid FROM reports)",
    )
    await run_jobs(world, JOBS)
    assert await notified(world) == (MANY - 1, MANY - 1)
