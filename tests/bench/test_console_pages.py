"""Every page of the console sends few statements, and none reads many more rows than it shows.

The pages come from the console's routes, so that a new page is not forgotten. Each is opened by an
admin in a community where somebody has much of everything (`bench/console`). What is counted is all
that its request sends, from the session and the admin's standing to what the page shows, without
BEGIN and COMMIT, and without the note, once a minute, that the session is in use. Each statement
then runs again, and its plan says what it has read.

`CONSOLE_SCALE=1` does the same with 100,000 users, a million posts and 50,000 reports.
"""

import os
import sys
from collections.abc import AsyncIterator

import pytest

from app.core.statements import writes
from bench.console.data import ensure_desk, sit_down
from bench.console.desk import Answer, DeskApp, rows_read, serving
from bench.console.pages import ASKED, NO_PAGE, PAGES, ConsolePage, routes_of_pages
from bench.document import ROOT

pytestmark = pytest.mark.anyio

SCALE = float(os.environ.get("CONSOLE_SCALE", "0.02"))
"""20,000 posts and comments: enough for PostgreSQL to choose as it does with a million."""

MOST_STATEMENTS = 8

MOST_ROWS = 2_000
"""Rows that a statement reads, though a page shows twenty at most: each page has badges, which
count up to a hundred of each of seven kinds, and look at the post of each held comment. The numbers
ask ten tables what came in the last minutes, and PostgreSQL reads a small table whole.
"""

MOST_OF_A_SEARCH = 13_000
"""Rows that a statement of a search walks through. All have a tenth of a second (ADR 0054)."""

SEARCHES_WITHOUT_WORDS = "/admin/lounges/"
"""No index has the posts of a lounge with those that are hidden, in their order."""


@pytest.fixture(scope="module")
async def desk(server_url: str, tables_by_copy: None) -> AsyncIterator[DeskApp]:
    url = await ensure_desk(server_url, ROOT, sys.executable, SCALE)
    async with serving(await sit_down(url)) as app:
        yield app


def test_each_route_of_the_console_is_asked() -> None:
    """A new page is added to `bench/console/pages.py`, with its filters."""
    assert set(routes_of_pages()) == {*ASKED, *NO_PAGE}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_a_page_sends_few_statements_that_read_little(
    desk: DeskApp, page: ConsolePage
) -> None:
    answer = await desk.open(page)
    await check(desk, page, answer)
    if (following := answer.next_page) is not None:
        path = page.address(desk.samples).partition("?")[0]
        await check(desk, page, await desk.open_at(path + following))


async def check(desk: DeskApp, page: ConsolePage, answer: Answer) -> None:
    noted = [sql for sql, _ in answer.sent if sql.startswith("UPDATE user_sessions")]
    assert len(answer.sent) - len(noted) <= MOST_STATEMENTS, [sql for sql, _ in answer.sent]
    is_search = "q=" in page.query or page.route.startswith(SEARCHES_WITHOUT_WORDS)
    most = MOST_OF_A_SEARCH if is_search else MOST_ROWS
    for sql, values in answer.sent:
        if not writes(sql):
            plan = await desk.plan_of(sql, values)
            assert rows_read(plan) <= most, (rows_read(plan), sql, plan)
