"""Daily counts read only rows since the last stored day, however many older rows there are.

After an outage of the worker, no statement of a job reads the rows of more than a day.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.admin.jobs import count_days, count_numbers
from app.admin.repository.days import DayRepository
from app.admin.service.days import store_finished_days
from app.core.days import ONE_DAY
from app.runtime.context import Context
from tests.admin.numbers import counted_until, day_of
from tests.support.api import expect
from tests.support.beside import raw_connection
from tests.support.sql import sql
from tests.support.statements import nodes, statements
from tests.support.world import World

COUNTED = ("users", "posts", "comments", "reports")
OLD, NEW = 3000, 20
_FILL = f"""
INSERT INTO users (provider, nickname, role, created_at)
SELECT 'guest', 'g', 'user', clock_timestamp() - n % 28 * interval '1 day' - interval '26 hours'
FROM generate_series(1, {OLD}) n;
INSERT INTO lounges (name, name_key, search_vector, description) VALUES ('l', 'l', '', 'd');
INSERT INTO posts (lounge_id, author_id, title, body, created_at)
SELECT lounges.id, users.id, 't', 'b', users.created_at FROM lounges, users;
INSERT INTO comments (post_id, author_id, body, created_at)
SELECT id, author_id, 'c', created_at FROM posts;
INSERT INTO report_cases (target_type, target_id, gravity, reasons, report_count, snapshot, due_at)
VALUES ('lounge', uuidv7(), 1, ARRAY['spam'], 1, '{{}}', now());
INSERT INTO reports (case_id, reporter_id, target_type, target_id, reason, detail, created_at)
SELECT report_cases.id, users.id, 'lounge', users.id, 'spam', '', users.created_at
FROM report_cases, users;
INSERT INTO posts (lounge_id, author_id, title, body)
SELECT lounges.id, (SELECT id FROM users LIMIT 1), 't', 'b'
FROM lounges, generate_series(1, {NEW})
"""


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


async def plan_of(world: World, statement: str, parameters: Any) -> dict[str, Any]:
    """The plan of the statement as it ran with these values."""
    async with raw_connection(world.runtime) as raw:
        explained = await raw.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {statement}", *parameters
        )
    plans = explained if isinstance(explained, list) else orjson.loads(explained)
    plan: dict[str, Any] = plans[0]["Plan"]
    return plan


async def test_daily_counts_read_only_rows_since_the_last_stored_day(
    world: World,
) -> None:
    admin = await world.admin()
    for statement in _FILL.split(";\n"):
        await sql(world, statement)
    async with world.runtime.writing() as ctx:
        await store_finished_days(ctx)
        await ctx.db.execute(text("ANALYZE"))
    with statements(world.runtime) as sent:
        days = expect(await admin.get("/admin/stats"), 200)["days"]
    assert sum(day["comments"] for day in days) >= OLD - OLD // 28
    assert days[-1]["posts"] >= NEW
    stored, counted = [
        query for query in sent if "daily_counts" in query[0] or "reports" in query[0]
    ]
    assert "daily_counts" in stored[0]
    plan = await plan_of(world, *counted)
    scans = [node for node in nodes(plan) if node.get("Relation Name") in COUNTED]
    assert {node["Relation Name"] for node in scans} == set(COUNTED)
    for node in scans:
        assert "Index" in node["Node Type"] or node["Node Type"] == "Bitmap Heap Scan", node
        assert node["Actual Rows"] <= NEW + OLD / 28, "it reads rows of stored days"


AWAY = 10
"""Days without a worker."""

type Job = Callable[[Context], Awaitable[None]]


async def after_an_outage(world: World) -> date:
    """One post on each day without a worker; returns today."""
    now, author, lounge = world.runtime.clock(), await world.member(), await world.lounge()
    stored = {"day": day_of(now) - (AWAY + 1) * ONE_DAY}
    await sql(world, "INSERT INTO daily_counts VALUES (:day, 0, 0, 0, 0)", **stored)
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
    await counted_until(world, now - timedelta(hours=1))
    return day_of(now)


async def posts_of(world: World, table: str, last: date) -> list[int]:
    """The stored numbers of posts of the days without a worker."""
    which = {
        "daily_counts": "SELECT posts AS n FROM daily_counts WHERE true",
        "daily_numbers": "SELECT number AS n FROM daily_numbers WHERE kind = 'posts'",
    }
    days = {"first": last - AWAY * ONE_DAY, "last": last}
    query = f"{which[table]} AND day >= :first AND day < :last ORDER BY day"
    return [row["n"] for row in await sql(world, query, **days)]


@pytest.mark.parametrize(
    ("job", "table"), [(count_days, "daily_counts"), (count_numbers, "daily_numbers")]
)
async def test_after_an_outage_each_statement_counts_one_day(
    world: World, job: Job, table: str
) -> None:
    today = await after_an_outage(world)
    with statements(world.runtime) as sent:
        async with world.runtime.writing() as ctx:
            await job(ctx)
    counted = [parameters for statement, parameters in sent if "FROM reports" in statement]
    assert len(counted) in (AWAY, AWAY + 1)
    for parameters in counted:
        moments = [value for value in parameters if isinstance(value, datetime)]
        assert max(moments) - min(moments) <= ONE_DAY
    assert await posts_of(world, table, today) == [1] * AWAY


async def test_a_day_that_fails_takes_no_stored_day_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = await after_an_outage(world)
    count, counted = DayRepository.count, []

    async def fail_at_the_fourth(days: DayRepository, since: datetime, until: datetime) -> Any:
        counted.append(since)
        if len(counted) == 4:
            raise TimeoutError
        return await count(days, since, until)

    monkeypatch.setattr(DayRepository, "count", fail_at_the_fourth)
    with pytest.raises(TimeoutError):
        async with world.runtime.writing() as ctx:
            await count_days(ctx)
    assert await posts_of(world, "daily_counts", today) == [1] * 3
    async with world.runtime.writing() as ctx:
        await count_days(ctx)
    assert await posts_of(world, "daily_counts", today) == [1] * AWAY
