"""The audit log: what an admin does is written into it, in the transaction that does it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.admin.enums import Action, TargetType
from app.admin.models import AT_TERMINAL, AuditEntry
from app.admin.repository import AuditRepository
from app.admin.service.changes import State, stored
from app.core.keyset import LAST_ID, PageRequest, Row, Slice
from app.core.schemas import Author
from app.runtime.context import Context
from app.user.schemas import author_json, nobody

AUDIT = "audit_log"

_SHOWN = (
    "id",
    "action",
    "target_type",
    "target_id",
    "target_name",
    "reason",
    "before",
    "after",
    "address",
    "created_at",
)


class AuditLog:
    """The log as one actor writes it: an admin, or someone at the server's terminal."""

    def __init__(self, ctx: Context, actor_id: UUID, address: str) -> None:
        self._ctx = ctx
        self._actor_id = actor_id
        self._address = address
        self._audit = AuditRepository(ctx.session)

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

    async def list_page(self, page: PageRequest) -> Slice[dict[str, Any]]:
        """Every act, the newest first."""
        after_id = page.after_id(AUDIT, start=LAST_ID)
        rows = await self._audit.list_page(after_id, page.row_limit)
        found = page.page(AUDIT, rows, lambda row: [row["id"]])
        return found.map(self._entry)

    async def list_about(self, user_id: UUID, limit: int) -> Sequence[dict[str, Any]]:
        """The latest acts on one user."""
        return [self._entry(row) for row in await self._audit.list_about(user_id, limit)]

    async def find_last(self, target_type: TargetType, target_id: UUID) -> Mapping[str, Any] | None:
        """Who did the latest act on something, and when. None if there was none."""
        row = await self._audit.find_last(target_type, target_id)
        if row is None:
            return None
        name = row["author_nickname"] or nobody().nickname
        return {"actor": name, "created_at": row["created_at"]}

    def _entry(self, row: Row) -> dict[str, Any]:
        return {**{name: row[name] for name in _SHOWN}, "actor": self._actor(row)}

    def _actor(self, row: Row) -> Any:
        if row["actor_id"] == AT_TERMINAL:
            return Author(id=None, nickname=row["address"], avatar_url=None)
        return author_json(row, self._ctx.storage.url) if row["author_id"] else nobody()
