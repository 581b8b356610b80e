"""The use cases of the connection log: writing, searching, and erasing it in time."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.repository import ConnectionLogRepository
from app.connection_log.rows import ConnectionRow
from app.core.keyset import FIRST_ID
from app.runtime.context import Needs, Service

log = structlog.get_logger(__name__)

PAGE = 5_000
CONNECTION_BATCH_ROWS, MAX_BATCHES = 5_000, 40
"""5,000 rows take less than the two seconds of a statement. A run erases at most 200,000 rows, and
there is a run every hour.
"""


class ConnectionLogService(Service):
    _records = Needs(ConnectionLogRepository)

    async def note(
        self, act: RecordedAct, subject: Subject, subject_id: UUID, user_id: UUID
    ) -> None:
        """Record where this request came from, in the transaction of its act.

        Jobs, the command line and the demo community have no origin, and leave no record.
        """
        origin = self._ctx.origin
        if origin is not None:
            await self._records.add(act, subject, subject_id, user_id, origin.address, origin.port)

    async def find_author(self, subject_id: UUID) -> UUID | None:
        """The author of a thing, whom only this user may change, or the user with this id.

        None if there is no record.
        """
        first = await self._records.list_about(subject_id, FIRST_ID, 1)
        return first[0].user_id if first else None

    async def count(self, subject_id: UUID) -> int:
        """The number of records of a thing or user.

        It reads them in pages: one statement may not have the time to count all.
        """
        records, after_id = 0, FIRST_ID
        while page := await self.list_page(subject_id, after_id):
            records += len(page)
            after_id = page[-1].id
        return records

    async def list_page(self, subject_id: UUID, after_id: UUID) -> Sequence[ConnectionRow]:
        """Records of a thing or of a user, after `after_id`. The oldest come first."""
        return await self._records.list_about(subject_id, after_id, PAGE)

    async def forget_old(self) -> None:
        """Erase records that are older than LINKY_RECORDS_DAYS."""
        before = self._ctx.clock() - timedelta(days=self._ctx.settings.records_days)
        erased = 0
        for _ in range(MAX_BATCHES):
            deleted = await self._records.delete_older_than(before, CONNECTION_BATCH_ROWS)
            erased += deleted
            if deleted < CONNECTION_BATCH_ROWS:
                break
        if erased:
            log.info("connection_records_erased", count=erased)
