"""What each case of the benchmark sends to the database, counted on the wire."""

import sys
from pathlib import Path

import pytest

from bench.document import ROOT
from bench.requests import measure
from bench.requests.cases import CASES, Asker
from bench.requests.community import ensure_made, prepare_run
from bench.requests.measure import Calls, Results, count_calls
from bench.requests.servers import LINKY, plan_linky, running

pytestmark = pytest.mark.anyio

TINY = 0.0002
"""As small as in test_requests.py, but a database of its own: they may run at the same time."""

READ = Calls(statements=1, round_trips=1)
NOTHING = Calls(statements=0, round_trips=0)
ALLOWED = {
    "lounge feed": READ,
    "home feed": READ,
    "one post": READ,
    "comments": READ,
    "notifications": READ,
    "unread count": READ,
    "lounges": READ,
    "me": READ,
    "search": Calls(2, 2),
    "comment": Calls(3, 3),
    "comment, with key": Calls(3, 3),
    "post with pictures": Calls(2, 2),
    "like": Calls(2, 2),
    "login": Calls(13, 13),
    # The second statement runs twice, in one round trip. The last wakes the worker.
    "mute": Calls(3, 2),
    "mark read": Calls(2, 2),
    "mark all read": Calls(4, 3),
    "refresh": Calls(2, 2),
    "/health/live": NOTHING,
}
"""BEGIN and COMMIT are statements too. A new case needs a line; who sends less lowers its line."""


@pytest.mark.usefixtures("tables_by_copy")
async def test_no_request_sends_more_than_it_is_allowed(
    server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Half of what `make bench` counts: each sign-in takes a quarter of a second of a core.
    monkeypatch.setattr(measure, "WARM_UP", 4)
    monkeypatch.setattr(measure, "COUNTED", 5)
    database = await ensure_made(server_url, ROOT, sys.executable, TINY)
    asker, results = Asker(await prepare_run(database)), Results()
    async with running([plan_linky(database)], tmp_path, counted=True) as servers:
        await count_calls(servers, CASES, {database: asker}, results)
        # On a busy machine a pool opens a connection late, which prepares its statements first.
        again = [case for case in CASES if case.name in more_than_allowed(results)]
        await count_calls(servers, again, {database: asker}, results)
    assert results.failures == {}
    assert sent_by_linky(results).keys() == ALLOWED.keys()
    assert more_than_allowed(results) == {}


def sent_by_linky(results: Results) -> dict[str, Calls]:
    return {case: calls for (case, variant), calls in results.calls.items() if variant == LINKY}


def more_than_allowed(results: Results) -> dict[str, Calls]:
    return {
        case: calls
        for case, calls in sent_by_linky(results).items()
        if calls.statements > ALLOWED[case].statements
        or calls.round_trips > ALLOWED[case].round_trips
    }
