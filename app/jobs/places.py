"""The places in a worker for jobs that use a connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count

from pgqueuer.domain import models


class JobSlots:
    """Of the jobs that wait for a place, an urgent one is the next, and then the oldest.

    A worker picks more jobs than it has places. So an urgent job would wait behind all of them.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._line: list[tuple[int, int, int, asyncio.Future[None]]] = []
        # A job that was picked twice is in the line twice, and futures have no order.
        self._numbers = count()

    @asynccontextmanager
    async def place(self, job: models.Job) -> AsyncIterator[None]:
        await self._enter(job)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, job: models.Job) -> None:
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        heappush(self._line, (-job.priority, job.id, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._leave()  # The wait was cancelled at the moment in which it got the place.
            raise

    def _leave(self) -> None:
        while self._line:
            *_, turn = heappop(self._line)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
