"""The benchmark on a tiny community: every variant answers every case, with the same rows."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url, text

from app.api import COUNTS
from app.core.counts import find_wrong
from app.core.db import Database, Reading
from app.core.viewer_fields import fields_of_reader
from app.lounge.rows import Lounge
from app.post.rows import Post
from bench.document import ROOT, marks, with_figures
from bench.requests.cases import CASES, LIMIT, LINKY, USUAL, Asker, Case
from bench.requests.client import Answer, Request, UnexpectedStatus, send, send_burst
from bench.requests.community import ensure_made, prepare_run
from bench.requests.measure import Calls, Results, Sample, count_calls, measure
from bench.requests.report import Run, figures_of, print_table
from bench.requests.servers import Server, plan_limit, plan_linky, plan_usual, running
from bench.requests.wire import wire_to
from tests.support.apps import patient_pools
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

TINY = 0.0001
READS = [case for case in CASES if LIMIT in case.variants and not case.writes]
BEGIN, END = marks("requests")
BY_NAME = {case.name: case for case in CASES}
ASKED = 8
"""Viewers for whom the answers are compared."""

PERSONAL = {*fields_of_reader(Post), *fields_of_reader(Lounge), "read", "type"}
"""Fields that differ from reader to reader. Each has several values in the community."""

NOTICES = "SELECT id FROM notifications WHERE type = 'comment'"
"""What a comment writes itself. Those who watch the post are notified by the worker later."""


NO_JOB_IS_DUE = text(
    "SELECT NOT EXISTS (SELECT FROM pgqueuer WHERE status = 'picked'"
    " OR (status = 'queued' AND execute_after <= clock_timestamp()))"
)


async def no_job_is_due(url: str) -> bool:
    async with reading(url) as db:
        return bool(await db.first(NO_JOB_IS_DUE))


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[Database]:
    pools = patient_pools(url)
    try:
        yield Reading({}, pools.reads, pools.searches, pools.transactions)
    finally:
        await pools.close()


@pytest.fixture(scope="module")
async def database(server_url: str, tables_by_copy: None) -> str:
    """The URL of a tiny community."""
    return await ensure_made(server_url, ROOT, sys.executable, TINY)


@pytest.fixture(scope="module")
async def asker(database: str) -> Asker:
    return Asker(await prepare_run(database))


@pytest.fixture(scope="module")
async def servers(
    database: str, asker: Asker, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[Server]]:
    plans = [plan_limit(database), plan_usual(database), plan_linky(database)]
    async with running(plans, tmp_path_factory.mktemp("bench")) as started:
        yield started


async def test_the_data_has_right_counts(database: str, asker: Asker) -> None:
    async with reading(database) as db:
        assert await find_wrong(db, COUNTS) == []
        replies = text("SELECT count(*) FROM comments WHERE parent_id IS NOT NULL")
        assert await db.first(replies)


async def test_a_second_run_finds_the_data_made(
    database: str, server_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert await ensure_made(server_url, ROOT, sys.executable, TINY) == database
    assert capsys.readouterr().out == ""


async def test_every_variant_answers_every_case(servers: list[Server], asker: Asker) -> None:
    results = await measure(servers, CASES, {servers[0].url: asker}, rounds=1, share=0.02)
    assert results.failures == {}
    expected = {
        (case.name, server.name) for case in CASES for server in servers
        if server.name in case.variants
    }  # fmt: skip
    assert set(results.samples) == expected


@pytest.mark.parametrize("case", READS, ids=[case.name for case in READS])
async def test_all_variants_give_the_same_answer(
    servers: list[Server], asker: Asker, case: Case
) -> None:
    """Of some viewers, without the cursor, which Linky alone signs.

    The usual way shows the fields of the day on which it was written.
    """
    # The worker may still notify of what the tests before have written.
    await until(partial(no_job_is_due, asker.community.url))
    chance = Random(case.name)
    for asked in [case.make(asker, chance) for _ in range(ASKED)]:
        answers = {
            server.name: json.loads(await send(server.port, asked))
            for server in servers
            if server.name in case.variants
        }
        for answer in answers.values():
            answer.pop("next_cursor", None)
        assert answers[LINKY] == answers[LIMIT] != {}
        if USUAL in answers:
            assert answers[USUAL] == fields_of(answers[USUAL], answers[LINKY])


def fields_of(few: Any, many: Any) -> Any:
    """What `many` has in place of `few`: only the fields that are in `few`."""
    match few, many:
        case dict(), dict():
            return {name: fields_of(value, many.get(name)) for name, value in few.items()}
        case list(), list() if len(few) == len(many):
            return [fields_of(*pair) for pair in zip(few, many, strict=True)]
    return many


async def test_the_answers_show_what_users_watch_and_have_seen(
    servers: list[Server], asker: Asker
) -> None:
    """Otherwise the comparison of the answers would say little about these fields."""
    shown = {field: set[Any]() for field in PERSONAL}
    for viewer in asker.community.viewers:
        for path in ("/posts", "/lounges", "/notifications"):
            answer = json.loads(await send(servers[-1].port, asker.of(viewer, "GET", path)))
            for item in answer["items"]:
                for field in PERSONAL & item.keys():
                    shown[field].add(item[field])
    assert {field: values for field, values in shown.items() if len(values) < 2} == {}, (
        "bench/requests/community.sql makes rows for each mark, add_marks of usual.py shows them"
    )


async def test_the_wire_counts_what_a_request_sends(
    database: str, asker: Asker, tmp_path: Path
) -> None:
    """The jobs of a comment and of a mark wake the worker besides, at most every 50 ms."""
    plans = [plan_limit(database), plan_linky(database)]
    expected = {
        ("one post", LIMIT): Calls(1, 1),
        ("like", LIMIT): Calls(1, 1),
        ("/health/live", LIMIT): Calls(0, 0),
        ("one post", LINKY): Calls(1, 1),
        ("comment", LINKY): Calls(2, 2),
        ("comment, with key", LINKY): Calls(2, 2),
        ("like", LINKY): Calls(2, 2),
        ("mark all read", LINKY): Calls(3, 2),
        ("/health/live", LINKY): Calls(0, 0),
    }
    cases = [BY_NAME[name] for name in dict.fromkeys(case for case, _ in expected)]
    results = Results()
    async with running(plans, tmp_path, counted=True) as counted:
        await count_calls(counted, cases, {database: asker}, results)
    assert results.failures == {}
    assert {key: calls for key, calls in results.calls.items() if key in expected} == expected


async def test_the_wire_leaves_out_what_a_process_sends_at_intervals(server_url: str) -> None:
    address = make_url(server_url)
    assert address.host
    assert address.port
    async with wire_to(address.host, address.port) as wire:
        through = address.set(drivername="postgresql", host="127.0.0.1", port=wire.port)
        connection = await asyncpg.connect(through.render_as_string(hide_password=False))
        try:
            await connection.fetch("SELECT $1::text", "x")
            once = wire.statements, wire.round_trips
            for _ in range(2):
                await connection.fetch("SELECT pg_notify($1, $2)", "wire", "x")
            assert (wire.statements, wire.round_trips) == once
            await connection.fetch("SELECT $1::text", "x")
            assert (wire.statements, wire.round_trips) > once
        finally:
            await connection.close()


async def test_every_variant_writes_what_it_says(servers: list[Server], asker: Asker) -> None:
    counted = [
        "comments", "notifications", "connection_records", "posts", "post_images", "post_likes",
    ]  # fmt: skip
    tables = [f"({NOTICES})" if name == "notifications" else name for name in counted]
    total = text(f"SELECT {', '.join(f'(SELECT count(*) FROM {table} t)' for table in tables)}")
    async with reading(asker.community.url) as db:
        for server in servers:
            like = BY_NAME["like"].make(asker, Random(f"like {server.name}"))
            await send(servers[-1].port, replace(like, data=like.data.replace(b"PUT", b"DELETE")))
            before = await db.one(total)
            for name in ("comment", "comment, with key", "post with pictures", "like"):
                await send(server.port, BY_NAME[name].make(asker, Random(f"{name} {server.name}")))
            after = await db.one(total)
            grown = dict(zip(counted, map(int.__sub__, after, before), strict=True))
            assert grown.pop("notifications") in (1, 2), server.name
            assert grown == {
                "comments": 2, "connection_records": 3, "posts": 1, "post_images": 2,
                "post_likes": 1,
            }, server.name  # fmt: skip
        assert await find_wrong(db, COUNTS) == []


async def test_an_unexpected_status_drops_the_variant_from_the_case(
    servers: list[Server], asker: Asker
) -> None:
    def wrong(asker: Asker, _: Random) -> Any:
        return asker.anonymous("GET", "/api/v1/posts")

    case = Case("refused", wrong, variants=(LINKY,))
    results = await measure(servers, [case], {servers[0].url: asker}, rounds=1, share=0.1)
    assert results.failures["refused", LINKY].status == 401
    assert results.figures("refused", LINKY) is None
    with pytest.raises(UnexpectedStatus):
        await send_burst(servers[-1].port, [wrong(asker, Random(1))], 1)


def run_of(results: Results) -> Run:
    return Run(1.0, 2, "abc", "18.6", 0.5, [LIMIT, LINKY], CASES[:2], results)


def results_of(cost: float) -> Results:
    """The limit takes 100 + 100 microseconds, and Linky `cost` times as long."""
    results = Results()
    for variant, factor in ((LIMIT, 1.0), (LINKY, cost)):
        samples = [Sample(100 * factor, 100 * factor, 1000 / factor, [0.001, 0.002])] * 2
        results.samples[CASES[0].name, variant] = samples
    return results


def test_the_report_shows_shares(capsys: pytest.CaptureFixture[str]) -> None:
    run = run_of(results_of(4.0))
    print_table(run)
    assert "0.25" in capsys.readouterr().out
    text = with_figures(f"before\n{BEGIN}\nold\n{END}\nafter\n", "requests", figures_of(run))
    assert text.startswith(f"before\n{BEGIN}\n\nScale 1 (1,000,000 posts)")
    assert "| lounge feed | 100 + 100 ± 0% | 400 + 400 ± 0%, **0.25** |" in text
    assert "| home feed | - | - |" in text
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text


def test_the_report_shows_the_status_of_a_variant_that_dropped_out() -> None:
    results = results_of(1.0)
    refused = UnexpectedStatus(Request(b"GET / HTTP/1.1\r\n\r\n", 200), Answer(503, b""))
    results.failures[CASES[0].name, LINKY] = refused
    text = "\n".join(figures_of(run_of(results)))
    assert "| lounge feed | 100 + 100 ± 0% | 503! |" in text
    assert str(refused) == "GET / HTTP/1.1: 503 instead of 200: "


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="has no"):
        with_figures("no marks", "requests", ["1"])
