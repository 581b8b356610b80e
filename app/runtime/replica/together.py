"""One statement for all who ask while the statement before it runs."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence


class _Batch[R]:
    def __init__(self) -> None:
        self.slots: set[int] = set()
        self.result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        # If all who asked were cancelled, the error is not asyncio's to report.
        self.result.add_done_callback(lambda result: result.cancelled() or result.exception())


class Together[R]:
    """Batches requests: a statement begins when the one before it ends, and serves all who wait."""

    def __init__(self, run: Callable[[Sequence[int]], Awaitable[R]]) -> None:
        self._run = run
        self._turn = asyncio.Lock()
        self._gathering: _Batch[R] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, slots: Collection[int] = ()) -> R:
        """The result of a statement that covers at least these slots."""
        batch = self._gathering
        if batch is None:
            batch = self._gathering = _Batch()
            task = asyncio.create_task(self._answer(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        batch.slots.update(slots)
        return await asyncio.shield(batch.result)

    async def _answer(self, batch: _Batch[R]) -> None:
        async with self._turn:
            self._gathering = None
            try:
                result = await self._run(sorted(batch.slots))
            except Exception as error:  # noqa: BLE001 - Those who asked raise it.
                batch.result.set_exception(error)
            except BaseException:
                batch.result.cancel()
                raise
            else:
                batch.result.set_result(result)
