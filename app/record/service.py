"""The use cases of connection records: writing, searching, and erasing them in time."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from app.record.enums import Act, Subject
from app.record.repository import RecordRepository
from app.record.rows import RecordRow
from app.runtime.context import Context

log = structlog.get_logger(__name__)

MAX_RECORDS = 10_000
BATCH, MAX_BATCHES = 5_000, 40
"""5,000 rows take less than the two seconds of a statement. A run erases at most 200,000 rows, and
there is a run every hour.
"""


class RecordService:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._records = RecordRepository(ctx.session)

    async def note(self, act: Act, subject: Subject, subject_id: UUID, user_id: UUID) -> None:
        """Record where this request came from, in the transaction of its act.

        Jobs, the command line and the demo community have no origin, and leave no record.
        """
        origin = self._ctx.origin
        if origin is not None:
            await self._records.add(act, subject, subject_id, user_id, origin.address, origin.port)

    async def find(self, subject_id: UUID, *, all_of_author: bool) -> Sequence[RecordRow]:
        """The records of a thing, or of a user. The oldest come first.

        `all_of_author` adds all other records of the thing's author, sign-ins too.
        """
        records = await self._records.list_about(subject_id, MAX_RECORDS)
        if not (all_of_author and records):
            return records
        authors = sorted({record.user_id for record in records})
        return await self._records.list_by_users(authors, MAX_RECORDS)

    async def forget_old(self) -> None:
        """Erase records that are older than LINKY_RECORDS_DAYS."""
        before = self._ctx.clock() - timedelta(days=self._ctx.settings.records_days)
        erased = 0
        for _ in range(MAX_BATCHES):
            deleted = await self._records.delete_older_than(before, BATCH)
            erased += deleted
            if deleted < BATCH:
                break
        if erased:
            log.info("connection_records_erased", count=erased)
