"""The audit log: what an admin does is written into it, in the transaction that does it."""

from uuid import UUID

from app.admin.enums import Action, TargetType
from app.admin.models import AuditEntry
from app.admin.repository import AuditRepository
from app.admin.rows import AuditRow
from app.admin.service.changes import State, stored
from app.core.keyset import LAST_ID, PageRequest, Slice
from app.runtime.context import Context

AUDIT = "audit_log"


class AuditLog:
    """The log as one actor writes it: an admin, or someone at the server's terminal."""

    def __init__(self, ctx: Context, actor_id: UUID, address: str) -> None:
        self._actor_id = actor_id
        self._address = address
        self._audit = AuditRepository(ctx.session, ctx.media_url)

    async def record(
        self,
        action: Action,
        target_id: UUID,
        reason: str = "",
        before: State | None = None,
        after: State | None = None,
    ) -> None:
        """Write an entry. `before` and `after` have what the act changed, and nothing else."""
        await self._audit.add(
            AuditEntry(
                actor_id=self._actor_id,
                action=action,
                target_type=action.target_type,
                target_id=target_id,
                reason=reason,
                before=dict(stored(before)),
                after=dict(stored(after)),
                address=self._address,
            )
        )

    async def list_page(self, page: PageRequest) -> Slice[AuditRow]:
        """Every act, the newest first."""
        after_id = page.after_id(AUDIT, start=LAST_ID)
        rows = await self._audit.list_page(after_id, page.row_limit)
        return page.slice(AUDIT, rows, lambda row: [row.id])

    async def list_about_user(self, user_id: UUID, limit: int) -> list[AuditRow]:
        """The latest acts on one user."""
        return await self._audit.list_about(TargetType.USER, user_id, limit)

    async def find_last(self, target_type: TargetType, target_id: UUID) -> AuditRow | None:
        """The latest act on something. None if there was none."""
        rows = await self._audit.list_about(target_type, target_id, 1)
        return rows[0] if rows else None
