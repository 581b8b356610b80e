"""Every list of the API is read along an index: PostgreSQL sorts nothing, however long it is.

It needs few rows. The plan is made with sorting disabled, so a sort that is left in it is one that
no index can replace.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest

from tests.support.api import expect
from tests.support.listings import LISTS, NAMES, NOT_PAGED, Stage
from tests.support.sql import sql
from tests.support.statements import explain, nodes, statements
from tests.support.warm_database import WarmDatabase
from tests.support.world import World

pytestmark = pytest.mark.anyio

SORTED = (
    "GET /admin/comments ",  # The two thousand that it has read at most.
    "GET /auth/sessions ",  # A user has few.
    "GET /users/me/identities ",  # One for each sign-in method.
)
INDEXES = """
    SELECT indrelid::regclass::text AS table,
           array(SELECT attname::text FROM pg_attribute WHERE attrelid = indexrelid
                 ORDER BY attnum) AS columns
    FROM pg_index WHERE indpred IS NULL
"""

CONDITIONS = ("Index Cond", "Recheck Cond", "Filter")

type Plan = dict[str, Any]


@pytest.fixture
async def committed_database(own_database: str) -> AsyncIterator[WarmDatabase]:
    """The database of `committed_world`: a new one, without the pages of deleted rows."""
    database = WarmDatabase(own_database)
    yield database
    await database.close()


async def find_sorts(world: World, route: str, statement: str, parameters: Any) -> list[str]:
    """What is wrong with the plan of a list's statement, in sentences. `route` names the list."""
    unknown, mode = [None] * len(parameters), "force_generic_plan"
    plan = await explain(world, statement, unknown, mode, as_reader=True, verbose=True)
    indexes = {(row["table"], tuple(row["columns"])) for row in await sql(world, INDEXES)}
    return [*_sorts(route, plan), *_walks(route, plan, indexes)]


def _sorts(route: str, plan: Plan) -> Iterator[str]:
    for node in nodes(plan, within_rows=False):
        if node["Node Type"] == "Sort":
            keys = [key.split()[0].rpartition(".")[::2] for key in node["Sort Key"]]
            alias = keys[0][0]
            columns = [*_equal(alias, nodes(plan), *CONDITIONS), *(column for _, column in keys)]
            yield f"{route} sorts in memory: {_advice(plan, alias, columns)}"


def _walks(route: str, plan: Plan, indexes: set[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Lists that have the right order, but by an index of the rows of all users.

    Without many rows PostgreSQL takes such an index also where there is a better one.
    """
    for scan in nodes(plan, within_rows=False):
        is_first = scan.get("Parent Relationship") == "Outer" and "Alias" in scan
        if is_first and " = " not in scan.get("Index Cond", ""):
            alias = scan["Alias"]
            columns = _equal(alias, [scan], "Filter")
            if columns and (scan["Relation Name"], (*columns, "id")) not in indexes:
                advice = _advice(plan, alias, [*columns, "id"])
                yield f"{route} reads rows of all users: {advice}"


def _equal(alias: str, scans: Iterable[Plan], *conditions: str) -> list[str]:
    """The ids of a table that must equal a value, by the conditions of scans."""
    texts = [_required(scan.get(condition, "")) for scan in scans for condition in conditions]
    found = re.findall(rf"\({alias}\.(\w+_id) = \$\d+\)", " ".join(texts))
    return list(dict.fromkeys(found))


def _required(condition: str) -> str:
    """What must hold in a condition: without deeper parentheses, which may be one side of an OR."""
    deepest = 2 if condition.startswith("((") else 1
    depth, kept = 0, ""
    for letter in condition:
        depth += letter == "("
        kept += letter if depth <= deepest else ""
        depth -= letter == ")"
    return "" if ") OR (" in kept else kept


def _advice(plan: Plan, alias: str, columns: list[str]) -> str:
    tables = {node.get("Alias"): node.get("Relation Name") for node in nodes(plan)}
    table = tables.get(alias) or alias
    return f"no index on {table} ({', '.join(columns)}), see docs/changing.md, A list"


async def test_every_list_is_read_along_an_index(committed_world: World) -> None:
    world = committed_world
    stage, wrong = await Stage(world).start(), list[str]()
    listings = [(LISTS[name].path, stage.listing(name)) for name in NAMES]
    calls = [(route, each.viewer, each.path, each.params) for route, each in listings]
    calls += [(route, stage.admin, route, {}) for route in NOT_PAGED]
    for route, viewer, path, params in calls:
        with statements(world.runtime) as sent:
            expect(await viewer.get(path, params=params), 200)
        for statement, parameters in sent:
            wrong += await find_sorts(world, f"GET {route}", statement, parameters)
    assert [each for each in wrong if not each.startswith(SORTED)] == []
    assert all(any(each.startswith(start) for each in wrong) for start in SORTED), "sorts no more"


@pytest.mark.parametrize(
    ("path", "index", "said"),
    [
        ("/users/me/likes", "post_likes_newest_idx", "sorts in memory: no index on post_likes"),
        (
            "/notifications",
            "notifications_newest_idx",
            "reads rows of all users: no index on notifications",
        ),
    ],
)
async def test_a_missing_index_is_named(
    committed_world: World, path: str, index: str, said: str
) -> None:
    world = committed_world
    await sql(world, f"DROP INDEX {index}")
    member = await world.member()
    with statements(world.runtime) as sent:
        await member.items(path)
    ((statement, parameters),) = sent
    assert await find_sorts(world, f"GET {path}", statement, parameters) == [
        f"GET {path} {said} (user_id, id), see docs/changing.md, A list"
    ]
