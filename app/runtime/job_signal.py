"""Wakes the workers after a commit, and not for each commit."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context

import structlog

PAUSE_SECONDS = 0.05

log = structlog.get_logger(__name__)


class JobSignal:
    """Calls `wake` at once when it is rung. Rings within the next 50 ms are answered by one call.

    Until `wake` is set, and after a call that failed, jobs wait for the worker's next poll.
    """

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.wake: Callable[[], Awaitable[None]] | None = None
        self._sleep = sleep
        self._is_rung = False
        self._answering: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Returns at once."""
        self._is_rung = True
        if self._answering is None or self._answering.done():
            # Not in the request's context: the task answers other requests too.
            self._answering = asyncio.create_task(self._answer(), context=Context())

    async def _answer(self) -> None:
        while self._is_rung:
            self._is_rung = False
            await self._wake()
            await self._sleep(PAUSE_SECONDS)

    async def _wake(self) -> None:
        if self.wake is None:
            return
        try:
            await self.wake()
        except Exception:
            log.exception("workers_not_woken")

    async def close(self) -> None:
        """Wakes once more if needed: a command that enqueues a job ends right after it."""
        if self._answering is not None:
            await self._answering
