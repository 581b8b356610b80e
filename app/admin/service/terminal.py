"""What is done at the server's own terminal, recorded as admins' acts are."""

from collections.abc import Sequence
from uuid import UUID

from app.admin.enums import Action, TargetType
from app.admin.models import AT_TERMINAL, AuditEntry
from app.admin.repository import AuditRepository
from app.core.context import Context
from app.core.pagination import Row
from app.record.service import RecordService


class TerminalService:
    """The acts of one person (`who`: the names by which the machine knows them)."""

    def __init__(self, ctx: Context, who: str) -> None:
        self._who = who
        self._audit = AuditRepository(ctx.session)
        self._records = RecordService(ctx)

    async def find_records(
        self, subject_id: UUID, reason: str, *, all_of_author: bool
    ) -> Sequence[Row]:
        """The connection records of a thing or a user. That somebody looked is in the audit log,
        whether there were any or not.
        """
        found = await self._records.find(subject_id, all_of_author=all_of_author)
        await self._audit.add(
            AuditEntry(
                actor_id=AT_TERMINAL,
                action=Action.RECORDS_SEARCHED,
                target_type=TargetType.RECORDS,
                target_id=subject_id,
                reason=reason,
                before={},
                after={"found": len(found), "all_of_author": all_of_author},
                address=self._who,
            )
        )
        return found
