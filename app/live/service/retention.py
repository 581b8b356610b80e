"""Deletes old changes from the log."""

from datetime import timedelta

from app.runtime.context import Service

KEPT_FOR = timedelta(hours=24)
KEPT_AT_MOST = 2_000_000
"""Changes in the log: 300 MB with the indexes."""

LOG_BATCH_ROWS = 5_000
"""Changes that one statement deletes, in a tenth of a second."""

BATCHES = 200
"""At most so many a run: a million changes. The next run goes on."""


class LiveRetentionService(Service):
    async def forget_old(self) -> int:
        """Delete the changes that no client can ask for any more. Returns how many."""
        log = self._ctx.process.live_log
        await log.advance()  # Makes the epoch's row, which notes how far the log was pruned.
        before, deleted = self._ctx.clock() - KEPT_FOR, 0
        for _ in range(BATCHES):
            batch = await log.prune(before, KEPT_AT_MOST, LOG_BATCH_ROWS)
            deleted += batch
            if batch < LOG_BATCH_ROWS:
                break
        return deleted
