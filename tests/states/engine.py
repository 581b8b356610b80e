"""Random pauses between the statements of a simulation's engine, and a list of its deadlocks."""

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
"""In seconds. A statement takes about 0.001 s, so other requests overtake a paused one. During the
longest pause whole accounts can be deleted and erased.
"""
PAUSE_WEIGHTS = (8, 8, 8, 8, 1)


class Watch:
    """Pauses before statements and commits inside `pausing`, and collects deadlocks."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.deadlocks: list[str] = []
        self._chance: Random | None = None
        event.listen(engine.sync_engine, "before_cursor_execute", self._before)
        event.listen(engine.sync_engine, "commit", self._before)
        event.listen(engine.sync_engine, "handle_error", self._note)

    @contextmanager
    def pausing(self, chance: Random) -> Iterator[None]:
        """Pause at random during the block. Other pauses in each round vary the interleaving."""
        self._chance = chance
        yield
        self._chance = None

    def _before(self, *_: Any) -> None:
        if self._chance is not None and self._chance.random() < PAUSE_CHANCE:
            # SQLAlchemy runs its events in a greenlet, which may wait like a coroutine.
            (pause,) = self._chance.choices(PAUSES, PAUSE_WEIGHTS)
            await_only(asyncio.sleep(pause))

    def _note(self, context: ExceptionContext) -> None:
        cause = getattr(context.original_exception, "__cause__", None)
        if isinstance(cause, asyncpg.exceptions.DeadlockDetectedError):
            self.deadlocks.append(" ".join((context.statement or "").split())[:300])
