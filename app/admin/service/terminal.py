"""What is done at the server's own terminal, recorded as admins' acts are."""

from collections.abc import Sequence
from uuid import UUID

from app.admin.enums import Action, TargetType
from app.admin.models import AT_TERMINAL
from app.admin.service.log import AuditLog
from app.admin.service.operating import Operating
from app.auth.service import AuthService
from app.core.keyset import Row
from app.record.service import RecordService
from app.runtime.context import Context, Needs


class TerminalService:
    """The acts of one person (`who`: the names by which the machine knows them)."""

    _accounts = Needs(AuthService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context, who: str) -> None:
        self._ctx = ctx
        self._record = AuditLog(ctx, AT_TERMINAL, who).record
        self.jobs = Operating(ctx, self._record)

    async def find_records(
        self, subject_id: UUID, reason: str, *, all_of_author: bool
    ) -> Sequence[Row]:
        """The connection records of a thing or a user. That somebody looked is in the audit log,
        whether there were any or not.
        """
        found = await self._records.find(subject_id, all_of_author=all_of_author)
        await self._record(
            Action.RECORDS_SEARCHED,
            TargetType.RECORDS,
            subject_id,
            reason,
            after={"found": len(found), "all_of_author": all_of_author},
        )
        return found

    async def make_admin(self, email: str, password: str) -> None:
        """Make an admin, or make the account with this address one. Raises PasswordTooWeak."""
        user_id, before, after = await self._accounts.create_admin(email, password)
        await self._record(
            Action.USER_CHANGED, TargetType.USER, user_id, before=before, after=after
        )
