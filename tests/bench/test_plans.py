"""The plans of all statements that the hot routes send: each finds its rows by an index.

The routes are those of `make bench` and `make bench-scale`. The tests run them and look at whatever
they send, so a new statement is looked at too.
"""

import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from fastapi import FastAPI

from app.core.database import SERVER_SETTINGS
from app.core.pool import ALONG_INDEXES, PLANNED_EACH_TIME, PLANNED_ONCE
from app.core.statements import writes
from app.inbox.repository.unread import MOST
from app.runtime.runtime import Runtime
from bench.document import ROOT
from bench.requests.cases import CASES, JWT_KEY, Asker
from bench.requests.client import Request
from bench.requests.community import prepare_run
from bench.requests.loading import superuser
from bench.scale.data import Scaled, choose, ensure_scaled
from bench.scale.lists import LISTS, PAGE, List, requests_of
from tests.support.apps import SettingsOfTests, borrowed_app, patient_pools
from tests.support.pools import SeenPool
from tests.support.statements import Sent, nodes, statements

pytestmark = pytest.mark.anyio

SCALE = 0.02
"""20,000 posts: enough for PostgreSQL to choose as it does with a million."""

BIG_ROWS = 900
"""Tables with more rows are never read from end to end."""

MOST_PAGES = 800
"""Pages of 8 KiB that a page of a list may read, however many rows the list has."""

PAGES_OF_A_COUNT = 2 * MOST
"""A count looks up the posts of as many notifications as it says at most, and of no more."""

PAGES_OF_FAVORITES = PAGE * PAGE * 10
"""A page of posts is chosen from the newest of as many lounges, each with its blocks and mutes."""

PAGES = {
    "many unread, count": PAGES_OF_A_COUNT,
    **dict.fromkeys(("favourites feed", "many favourites: feed"), PAGES_OF_FAVORITES),
}

OF_TRANSACTIONS = {"BEGIN", "COMMIT", "ROLLBACK"}
OF_THE_DRIVER = "pg_catalog"
"""asyncpg looks up the types of a statement once a connection."""

STATEMENTS = {
    # The second one checks whether the reader may see the parent.
    "many replies": 2,
    # The second one counts what stands before it.
    "a comment's place": 2,
    # The first one asks who the moderator is.
    **{one.name: 2 for one in LISTS if one.who == "moderator"},
}
"""How many a list sends, if it is not one. A list that sends more must be listed here."""

SORTED = {
    "admin: comments",
    *("admin: users by address", "admin: reports of a case"),
    *("favourites feed", "many favourites: feed", "an author in the feed"),
}
"""What a word finds has no order of its own, and a case has few reports.

A walk through comments sorts the two thousand that it has read at most.
A feed sorts what it has found in several lounges: a page of posts of each of a page of lounges.
"""

BY_NAME = {one.name: one for one in LISTS}


@dataclass(frozen=True, slots=True)
class Hot:
    """Linky in this process on a data set, with one connection in each pool."""

    app: FastAPI
    runtime: Runtime
    data: Scaled
    lists: Asker
    cases: Asker
    big: set[str]

    async def send(self, request: Request) -> Sent:
        """Send a request. Returns the statements that it has sent, without BEGIN and the like."""
        return (await self.answer(request))[0]

    async def answer(self, request: Request) -> tuple[Sent, httpx.Response]:
        """As `send`, with the answer."""
        head, _, body = request.data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://test")
        with statements(self.runtime) as sent:
            answer = await client.request(method, path, content=body, headers=headers)
        assert answer.status_code == request.expected, (path, answer.text)
        of_lists = [
            (sql, values)
            for sql, values in sent
            if sql.split()[0] not in OF_TRANSACTIONS and OF_THE_DRIVER not in sql
        ]
        return of_lists, answer

    def by_reader(self) -> list[str]:
        """What the reader has sent so far."""
        assert isinstance(self.runtime.pools.reads, SeenPool)
        return self.runtime.pools.reads.sent

    async def ask(self, one: List) -> tuple[Sent, httpx.Response]:
        return await self.answer(requests_of(one, self.data, self.lists)[0])


@pytest.fixture(scope="module")
async def hot(server_url: str, tables_by_copy: None) -> AsyncIterator[Hot]:
    url = await ensure_scaled(server_url, ROOT, sys.executable, SCALE)
    settings = SettingsOfTests(
        jwt_keys=(JWT_KEY,), rate_limits="off", public_url="http://test", database_url=url
    )
    runtime = Runtime.build(settings, url)
    runtime.pools = patient_pools(url, size=1)
    data, cases = await choose(url), Asker(await prepare_run(url))
    with borrowed_app("plans", runtime) as app:
        yield Hot(app, runtime, data, Asker(data.community), cases, await _big_tables(url))
    await runtime.close()


async def _big_tables(url: str) -> set[str]:
    connection = await asyncpg.connect(superuser(url))
    try:
        rows = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > $1", BIG_ROWS
        )
    finally:
        await connection.close()
    return {row["relname"] for row in rows}


async def plan_of(hot: Hot, sql: str, values: Sequence[Any]) -> dict[str, Any]:
    """The plan of a statement on the connections that run it.

    A read runs, so that the plan shows what it has read. A write has its generic plan.
    """
    reads = not writes(sql)
    of_reads = ALONG_INDEXES if sql in hot.by_reader() else PLANNED_EACH_TIME
    settings = of_reads if reads else PLANNED_ONCE
    connection = await asyncpg.connect(
        superuser(hot.data.url), server_settings={**SERVER_SETTINGS, **settings}
    )
    how = "ANALYZE, BUFFERS, FORMAT JSON" if reads else "FORMAT JSON"
    given = ", ".join(literal(value) if reads else "NULL" for value in values)
    try:
        await connection.execute(f"PREPARE hot AS {sql}")
        call = f"EXECUTE hot({given})" if values else "EXECUTE hot"
        explained = await connection.fetchval(f"EXPLAIN ({how}) {call}")
    finally:
        await connection.close()
    plan: dict[str, Any] = orjson.loads(explained)[0]["Plan"]
    return plan


def literal(value: Any) -> str:
    """A value as SQL."""
    match value:
        case None:
            return "NULL"
        case list():
            # A string: as an array of strings it would not become an array of ids.
            return literal("{" + ",".join(f'"{item}"' for item in value) + "}")
        case bytes():
            return f"'\\x{value.hex()}'"
    return "'" + str(value).replace("'", "''") + "'"


async def check_plans(
    hot: Hot, sent: Sent, *, sorts: bool = False, pages: int = MOST_PAGES
) -> None:
    """Each statement finds its rows by an index, and reads little. `sorts` lets it sort them."""
    for sql, values in sent:
        plan = await plan_of(hot, sql, values)
        scanned = {n["Relation Name"] for n in nodes(plan) if n["Node Type"] == "Seq Scan"}
        assert not scanned & hot.big, (scanned, sql, plan)
        if writes(sql):
            whole = {n["Relation Name"] for n in nodes(plan) if reads_whole_index(n)}
            assert not whole & hot.big, (whole, sql, plan)
        kinds = {n["Node Type"] for n in nodes(plan, within_rows=False)}
        assert sorts or "Sort" not in kinds, (sql, plan)
        read = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
        assert read < pages, (read, sql, plan)


def reads_whole_index(node: dict[str, Any]) -> bool:
    """Whether it reads an index from end to end. Only a list may, which ends after a page."""
    is_scan = node["Node Type"] in ("Index Scan", "Index Only Scan")
    return is_scan and "Index Cond" not in node


@pytest.mark.parametrize("name", BY_NAME)
async def test_a_list_is_read_along_an_index(hot: Hot, name: str) -> None:
    sent, answer = await hot.ask(BY_NAME[name])
    if BY_NAME[name].deep:
        rows = len(answer.json()["items"])
        assert rows >= PAGE, f"{rows} rows: make many in bench/scale/extremes.sql"
    assert len(sent) == STATEMENTS.get(name, 1), sent
    await check_plans(hot, sent, sorts=name in SORTED, pages=PAGES.get(name, MOST_PAGES))


@pytest.mark.parametrize("name", [case.name for case in CASES])
async def test_a_request_of_the_benchmark_reads_no_whole_table(hot: Hot, name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    sent = await hot.send(case.make(hot.cases, Random(name)))
    await check_plans(hot, sent, sorts=case.writes or name == "search")


async def test_the_plans_of_reads_are_made_once(hot: Hot) -> None:
    """What the one connection of the reader says itself."""
    for one in LISTS:
        await hot.ask(one)
        await hot.ask(one)
    read = set(hot.by_reader())
    plans = {
        sql: (generic, custom)
        for sql, generic, custom in await hot.runtime.pools.reads.fetch(
            "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements", []
        )
    }
    assert len(read) > 15
    assert read <= plans.keys()
    assert [sql for sql in read if plans[sql][0] < 1 or plans[sql][1]] == []
