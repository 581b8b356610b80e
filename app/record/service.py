"""The use cases of connection records: keeping one, finding them, forgetting them in time."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from app.core.keyset import Row
from app.record.enums import Act, Subject
from app.record.repository import RecordRepository
from app.runtime.context import Context

log = structlog.get_logger(__name__)

MOST_FOUND = 10_000
BATCH, MOST_BATCHES = 5_000, 40
"""A statement may last two seconds; 200,000 an hour is more than anybody posts."""


class RecordService:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._records = RecordRepository(ctx.session)

    async def note(self, act: Act, subject: Subject, subject_id: UUID, user_id: UUID) -> None:
        """Keep from where this request came, in the transaction of what it does.

        What came from nowhere (a job, the command line, the demo community) leaves no record.
        """
        origin = self._ctx.origin
        if origin is not None:
            await self._records.add(
                user_id=user_id,
                act=act,
                subject_type=subject,
                subject_id=subject_id,
                address=origin.address,
                port=origin.port,
            )

    async def find(self, subject_id: UUID, *, all_of_author: bool) -> Sequence[Row]:
        """The records of a thing, or of a user; the oldest first.

        `all_of_author` adds everything else that is kept of whoever posted the thing, sign-ins too.
        """
        found = await self._records.list_of(subject_id, MOST_FOUND)
        if not (all_of_author and found):
            return found
        authors = sorted({row["user_id"] for row in found})
        return await self._records.list_of_users(authors, MOST_FOUND)

    async def forget_old(self) -> None:
        """Erase what is older than LINKY_RECORDS_DAYS."""
        before = self._ctx.clock() - timedelta(days=self._ctx.settings.records_days)
        erased = 0
        for _ in range(MOST_BATCHES):
            gone = await self._records.delete_older_than(before, BATCH)
            erased += gone
            if gone < BATCH:
                break
        if erased:
            log.info("connection_records_erased", count=erased)
