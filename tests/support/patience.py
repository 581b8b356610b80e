"""Patience, for tests of other things: a busy machine, or its database, may stand still.

The pools of `world` and `committed_world` are patient without this (`tests/support/apps.py`).
"""

from dataclasses import replace
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from app import main
from app.core import admission, database, migrations, pool
from app.integrations.identity import base, keys, pictures
from app.integrations.push import fcm
from app.jobs import queue
from app.live.hub import hub
from app.live_log import log as live_log
from app.operations.backup import inventory, programs
from app.post.repository import search
from app.runtime import joined_metrics, runtime
from app.web import health
from tests.support.waiting import HANG_SECONDS


class Limit(NamedTuple):
    module: ModuleType
    name: str
    product: Any
    lifted: Any


def _limit(module: ModuleType, name: str, lifted: Any = HANG_SECONDS) -> Limit:
    return Limit(module, name, getattr(module, name), lifted)


LIFTED = (
    # Or a search would end with a short page before it has found anything.
    _limit(search, "BUDGET_SECONDS"),
    # Or an answer would lack its position, and in `world` end the transaction of the test.
    _limit(live_log, "ASK_SECONDS"),
    # Or a stream would end.
    _limit(hub, "FRESH_SECONDS"),
    # Or the file of what was refused would stay in the store.
    _limit(runtime, "UNDO_SECONDS"),
    # Or a sign-in would be refused while the provider's thread waits for its turn.
    _limit(keys, "FETCH_SECONDS"),
    _limit(base, "TOTAL_SECONDS"),
    _limit(pictures, "TOTAL_SECONDS"),
    # Or a database that is only slow would count as down.
    _limit(health, "CHECK_SECONDS"),
    # Or one that is slow to take a connection would count as away.
    _limit(inventory, "CONNECT_SECONDS"),
    _limit(migrations, "CONNECT_SECONDS"),
    # Or a server that is slow to get ready would end.
    _limit(main, "GET_READY_SECONDS"),
    # Or a program that is slow to start would be missing.
    _limit(programs, "VERSION_SECONDS"),
    # Or the joined figures would lack a process that is only slow.
    _limit(joined_metrics, "ASK_SECONDS"),
    # Or a push would be given up, and a worker would lose its connection.
    _limit(fcm, "HTTP_SECONDS"),
    _limit(queue, "CONNECT_SECONDS"),
    _limit(queue, "STATEMENT_SECONDS"),
    # Or a call that waits behind two others of its user would be refused.
    _limit(admission, "SEARCHES", replace(admission.SEARCHES, patience=HANG_SECONDS)),
    _limit(admission, "UPLOADS", replace(admission.UPLOADS, patience=HANG_SECONDS)),
)
"""Limits that end early what a test waits for."""


def lift_limits(patch: pytest.MonkeyPatch) -> None:
    for limit in LIFTED:
        patch.setattr(limit.module, limit.name, limit.lifted)


def put_limits_back(patch: pytest.MonkeyPatch) -> None:
    for limit in LIFTED:
        patch.setattr(limit.module, limit.name, limit.product)


def let_pools_wait(patch: pytest.MonkeyPatch) -> None:
    """Let the pools that are made from now on wait as long as they must.

    Only a lock is given up after the product's time: some tests wait for that.
    """
    for module in (database, pool):
        for name in ("CONNECT_SECONDS", "POOL_WAIT_SECONDS", "ANSWER_SECONDS"):
            patch.setattr(module, name, HANG_SECONDS)
    patch.setitem(database.SERVER_SETTINGS, "statement_timeout", f"{HANG_SECONDS:.0f}s")


def stay_patient() -> None:
    """For a process that serves other tests. It never undoes this."""
    patch = pytest.MonkeyPatch()
    lift_limits(patch)
    let_pools_wait(patch)
    patch.setitem(database.SERVER_SETTINGS, "lock_timeout", "20s")
