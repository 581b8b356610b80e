"""The numbers by day read what is stored, and only the facts since then, by their indexes."""

from typing import Any

import orjson
from sqlalchemy import text

from app.admin.jobs import count_days, count_numbers
from tests.support.api import expect
from tests.support.beside import raw_connection
from tests.support.sql import sql
from tests.support.statements import explain, nodes, statements
from tests.support.world import World

OLD, NEW = 4_000, 7
FACTS = {"active_days", "sent_pushes", "lounge_requests", "report_cases", "posts", "comments"}
SMALL = {"appeals", "announcement_marks", "reports", "notifications"}
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
INSERT INTO posts (lounge_id, author_id, title, body, created_at, held_decided_at)
SELECT lounges.id, users.id, 't', 'b', users.created_at, users.created_at FROM lounges, users;
INSERT INTO comments (post_id, author_id, body, created_at, held_decided_at)
SELECT id, author_id, 'c', created_at, created_at FROM posts;
UPDATE daily_numbers_counted SET until = now() - interval '9 days';
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
        await count_days(ctx)
        await count_numbers(ctx)
    with statements(world.runtime) as sent:
        shown = expect(await admin.get("/admin/stats"), 200)
    assert shown["days"][-1]["pushes_sent"] >= NEW
    assert {row["kind"]: row["decided"] > OLD / 28 for row in shown["decisions"]} == {
        "lounge_request": True, "report": True, "held": True, "appeal": False,
    }  # fmt: skip
    asked = [query for query in sent if query[0].startswith("SELECT")]
    assert len(asked) == 4  # Who calls, the stored counts, the stored numbers, and all since then.
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
