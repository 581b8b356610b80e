"""The daily numbers read what is stored, and only the facts since then, by their indexes."""

from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.admin.repository.console.numbers import NumberRepository
from app.core.days import ONE_DAY
from tests.admin.numbers import counted_until, day_of, store
from tests.support.api import expect
from tests.support.beside import raw_connection
from tests.support.sql import sql
from tests.support.statements import explain, nodes, statements
from tests.support.world import World

OLD, NEW = 4_000, 7
FACTS = {
    *("active_days", "sent_pushes", "lounge_requests", "report_cases"),
    *("users", "posts", "comments", "reports"),
}
SMALL = {"appeals", "announcement_marks", "notifications"}
"""Tables that this test leaves empty."""

_FILL = f"""
INSERT INTO users (provider, nickname, role, created_at)
SELECT 'guest', 'g', 'user', clock_timestamp() - n % 28 * interval '1 day' - interval '25 hours'
FROM generate_series(1, {OLD}) n;
INSERT INTO active_days SELECT id, created_at::date, created_at FROM users
ON CONFLICT DO NOTHING;
INSERT INTO sent_pushes SELECT id, created_at FROM users;
INSERT INTO lounges (name, name_key, search_vector, description) VALUES ('l', 'l', '', 'd');
INSERT INTO lounge_requests (requester_id, name, name_key, description, reason, status, created_at,
decided_at) SELECT id, 'n', 'n', 'd', '', 'rejected', created_at, created_at FROM users;
INSERT INTO report_cases (target_type, target_id, status, gravity, reasons, report_count, snapshot,
due_at, resolved_at) SELECT 'post', id, 'resolved', 1, '{{spam}}', 1, '{{}}', created_at, created_at
FROM users;
INSERT INTO reports (case_id, reporter_id, target_type, target_id, reason, detail, created_at)
SELECT id, target_id, 'post', target_id, 'spam', '', resolved_at FROM report_cases;
INSERT INTO posts (lounge_id, author_id, title, body, created_at, held_decided_at)
SELECT lounges.id, users.id, 't', 'b', users.created_at, users.created_at FROM lounges, users;
INSERT INTO comments (post_id, author_id, body, created_at, held_decided_at)
SELECT id, author_id, 'c', created_at, created_at FROM posts;
UPDATE daily_numbers_counted
SET until = now() - interval '9 days', content_until = now() - interval '30 days';
INSERT INTO sent_pushes SELECT uuidv7(), now() FROM generate_series(1, {NEW})
"""


async def plan_of(world: World, statement: str, parameters: Any) -> dict[str, Any]:
    """The plan of the statement as it ran with these values."""
    async with raw_connection(world.runtime) as raw:
        found = await raw.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {statement}", *parameters
        )
    explained = found if isinstance(found, list) else orjson.loads(found)
    return dict(explained[0]["Plan"])


async def test_old_facts_are_neither_read_nor_kept(committed_world: World) -> None:
    world = committed_world
    admin = await world.admin()
    for statement in _FILL.split(";\n"):
        await sql(world, statement)
    async with world.runtime.writing() as ctx:
        await ctx.db.execute(text("ANALYZE"))
    for _ in range(3):
        await store(world)
    with statements(world.runtime) as sent:
        shown = expect(await admin.get("/admin/stats"), 200)
    assert shown["days"][-1]["pushes_sent"] >= NEW
    for kind in ("posts", "comments", "reports"):
        assert sum(day[kind] for day in shown["days"]) == OLD + 1, kind  # One is the admin's.
    assert {row["kind"]: row["decided"] > OLD / 28 for row in shown["decisions"]} == {
        "lounge_request": True, "report": True, "held": True, "appeal": False,
    }  # fmt: skip
    asked = [query for query in sent if query[0].startswith("SELECT")]
    assert len(asked) == 3  # Who calls, the stored numbers, and all since then.
    (numbers,) = [query for query in sent if "sent_pushes" in query[0]]
    plan = await plan_of(world, *numbers)
    scans = [node for node in nodes(plan) if node.get("Relation Name") in FACTS]
    assert {node["Relation Name"] for node in scans} == FACTS
    for node in scans:
        assert node["Node Type"] != "Seq Scan", node
        assert node["Actual Rows"] <= NEW + 2, node
    # The server's plan is made once, for unknown values. It reads no table from end to end either.
    none = [None] * len(numbers[1])
    plan = await explain(world, numbers[0], none, "force_generic_plan", as_reader=True)
    for node in nodes(plan):
        is_whole = node["Node Type"] in ("Seq Scan", "Gather")
        assert not is_whole or node.get("Relation Name") in SMALL, node
    # What is a week older than what was counted is deleted, however much it is.
    (left,) = await sql(
        world,
        "SELECT (SELECT count(*) FROM active_days) AS days, (SELECT count(*) FROM sent_pushes) AS"
        " pushes",
    )
    assert left["days"] < OLD * 9 / 28
    assert left["pushes"] < OLD * 9 / 28


AWAY = 9
"""Days without a worker. One run of the job catches up with them."""


async def after_an_outage(world: World) -> date:
    """One post on each day without a worker; returns today."""
    now, author, lounge = world.clock(), await world.member(), await world.lounge()
    await sql(
        world,
        "INSERT INTO posts (lounge_id, author_id, title, body, created_at)"
        " SELECT CAST(:lounge AS uuid), CAST(:author AS uuid), 't', 'b',"
        " CAST(:now AS timestamptz) - n * interval '1 day' FROM generate_series(1, :away) n",
        lounge=lounge["id"],
        author=author.id,
        now=now,
        away=AWAY,
    )
    await counted_until(world, now - AWAY * ONE_DAY - timedelta(hours=1))
    return day_of(now)


async def posts_of(world: World, last: date) -> list[int]:
    """The stored numbers of posts of the days without a worker."""
    rows = await sql(
        world,
        "SELECT number FROM daily_numbers WHERE kind = 'new_posts' AND day < :last ORDER BY day",
        last=last,
    )
    return [row["number"] for row in rows]


async def test_after_an_outage_each_statement_counts_a_part_of_a_day(world: World) -> None:
    today = await after_an_outage(world)
    with statements(world.runtime) as sent:
        await store(world)
    counted = [parameters for statement, parameters in sent if "FROM reports" in statement]
    assert len(counted) >= AWAY
    for parameters in counted:
        moments = [value for value in parameters if isinstance(value, datetime)]
        assert max(moments) - min(moments) <= ONE_DAY
    assert await posts_of(world, today) == [1] * AWAY


async def test_a_step_that_fails_takes_no_stored_day_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = await after_an_outage(world)
    count, steps = NumberRepository.count_step, []

    async def fail_at_the_tenth(*given: Any) -> None:
        steps.append(given)
        if len(steps) == 10:
            raise TimeoutError
        await count(*given)

    monkeypatch.setattr(NumberRepository, "count_step", fail_at_the_tenth)
    with pytest.raises(TimeoutError):
        await store(world)
    assert await posts_of(world, today) == [1] * 3
    await store(world)
    assert await posts_of(world, today) == [1] * AWAY
