"""Patience with the database, for tests of other things: on a busy machine it may stand still.

The pools of `world` and `committed_world` are patient without this (`tests/support/apps.py`).
"""

import pytest

from app.core import database, reader
from tests.support.waiting import HANG_SECONDS


def let_pools_wait(patch: pytest.MonkeyPatch) -> None:
    """Let the pools that are made from now on wait as long as they must.

    Only a lock is given up after the product's time: some tests wait for that.
    """
    for module in (database, reader):
        for name in ("CONNECT_SECONDS", "POOL_WAIT_SECONDS", "ANSWER_SECONDS"):
            patch.setattr(module, name, HANG_SECONDS)
    patch.setitem(database.SERVER_SETTINGS, "statement_timeout", f"{HANG_SECONDS:.0f}s")
