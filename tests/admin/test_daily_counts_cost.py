"""Daily counts read only rows since the last stored day, however many older rows there are."""

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.admin.service import store_finished_days
from tests.support.api import expect
from tests.support.sql import sql
from tests.support.statements import nodes, statements
from tests.support.world import World

pytestmark = pytest.mark.anyio

COUNTED = ("users", "posts", "comments", "reports")
OLD, NEW = 6000, 20
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


async def plan_of(world: World, statement: str, parameters: Any) -> dict[str, Any]:
    """The plan of the statement as it ran with these values."""
    async with world.runtime.engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        explained = await raw.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {statement}", *parameters
        )
    plans = explained if isinstance(explained, list) else orjson.loads(explained)
    plan: dict[str, Any] = plans[0]["Plan"]
    return plan


async def test_daily_counts_read_only_rows_since_the_last_stored_day(
    committed_world: World,
) -> None:
    world = committed_world
    admin = await world.admin()
    for statement in _FILL.split(";\n"):
        await sql(world, statement)
    async with world.runtime.unit_of_work() as ctx:
        await store_finished_days(ctx)
        await ctx.session.execute(text("ANALYZE"))
    with statements(world.runtime.engine) as sent:
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
