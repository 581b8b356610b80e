"""The engine of a story: it waits for a slow machine, and for chance between the statements."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

PAUSE_CHANCE = 0.2
PAUSES = (0.002, 0.005, 0.01, 0.02, 0.2)
"""In seconds. A statement takes about one thousandth: whoever pauses is overtaken by others, and
in the longest pause whole accounts are left and erased.
"""
PAUSE_WEIGHTS = (8, 8, 8, 8, 1)


class Watch:
    """Pauses before statements and commits while it is on, and remembers deadlocks."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.deadlocks: list[str] = []
        self._chance: Random | None = None
        event.listen(engine.sync_engine, "before_cursor_execute", self._before)
        event.listen(engine.sync_engine, "commit", self._before)
        event.listen(engine.sync_engine, "handle_error", self._note)

    @contextmanager
    def pausing(self, chance: Random) -> Iterator[None]:
        """Pauses that differ at each round make other interleavings."""
        self._chance = chance
        yield
        self._chance = None

    def _before(self, *_: Any) -> None:
        if self._chance is not None and self._chance.random() < PAUSE_CHANCE:
            # SQLAlchemy runs its events in a greenlet, which may wait as a coroutine does.
            (pause,) = self._chance.choices(PAUSES, PAUSE_WEIGHTS)
            await_only(asyncio.sleep(pause))

    def _note(self, context: ExceptionContext) -> None:
        cause = getattr(context.original_exception, "__cause__", None)
        if isinstance(cause, asyncpg.exceptions.DeadlockDetectedError):
            self.deadlocks.append(" ".join((context.statement or "").split())[:300])
