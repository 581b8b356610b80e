"""Patience, for tests of other things: a busy machine, or its database, may stand still.

The pools of `world` and `committed_world` are patient without this (`tests/support/apps.py`).
"""

import pytest

from app.core import database, reader
from app.live.hub import hub
from app.live_log import log as live_log
from app.post.repository import search
from tests.support.waiting import HANG_SECONDS

LIFTED = (
    # Or a search would end with a short page before it has found anything.
    (search, "BUDGET_SECONDS", search.BUDGET_SECONDS),
    # Or an answer would lack its position, and in `world` end the transaction of the test.
    (live_log, "ASK_SECONDS", live_log.ASK_SECONDS),
    # Or a stream would end.
    (hub, "FRESH_SECONDS", hub.FRESH_SECONDS),
)
"""Limits that end early what a test waits for: module, name, and the product's value."""


def lift_limits(patch: pytest.MonkeyPatch) -> None:
    for module, name, _ in LIFTED:
        patch.setattr(module, name, HANG_SECONDS)


def put_limits_back(patch: pytest.MonkeyPatch) -> None:
    for module, name, value in LIFTED:
        patch.setattr(module, name, value)


def let_pools_wait(patch: pytest.MonkeyPatch) -> None:
    """Let the pools that are made from now on wait as long as they must.

    Only a lock is given up after the product's time: some tests wait for that.
    """
    for module in (database, reader):
        for name in ("CONNECT_SECONDS", "POOL_WAIT_SECONDS", "ANSWER_SECONDS"):
            patch.setattr(module, name, HANG_SECONDS)
    patch.setitem(database.SERVER_SETTINGS, "statement_timeout", f"{HANG_SECONDS:.0f}s")
