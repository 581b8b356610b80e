"""The audit log: what an admin does is written into it, in the transaction that does it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.admin.enums import UNDONE, Action, TargetType
from app.admin.models import AT_TERMINAL, NO_TARGET, AuditEntry
from app.admin.repository.audit import AuditRepository
from app.admin.rows import AuditRow, NamedAdmin
from app.admin.service.changes import Exported, State, stored
from app.core.keyset import FIRST_ID, LAST_ID, Page, PageRequest
from app.runtime.context import Context

MAX_ADMINS = 50
EXPORT_PAGE_ROWS = 500
"""Entries that a file takes by one statement."""

LOOKED_BACK = 30
"""Entries about one thing among which an act is looked for."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries of the log to show. None lets all through."""

    actor_id: UUID | None = None
    action: Action | None = None
    target_type: TargetType | None = None
    target_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is too late."""

    @property
    def columns(self) -> dict[str, str | UUID]:
        """What a column must be."""
        names = ("actor_id", "action", "target_type", "target_id")
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def first_id(self) -> UUID:
        return FIRST_ID if self.since is None else _id_at(self.since)

    @property
    def end_id(self) -> UUID:
        return LAST_ID if self.until is None else _id_at(self.until)

    @property
    def former_list_name(self) -> str:
        parts = [f"{name}={value}" for name, value in self.columns.items()]
        bounds = [str(moment or "") for moment in (self.since, self.until)]
        return ":".join(["audit_log", *parts, *bounds]) if self != EVERY_ENTRY else "audit_log"


EVERY_ENTRY = AuditFilter()


def _id_at(moment: datetime) -> UUID:
    """The first id of a moment: a UUIDv7 begins with its milliseconds."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


class AuditLog:
    """The log as one actor writes and reads it: an admin, or someone at the server's terminal.

    `hides_addresses`: the entries that are read have no IP addresses. So it is for moderators.
    """

    def __init__(
        self, ctx: Context, actor_id: UUID, address: str, *, hides_addresses: bool = False
    ) -> None:
        self._actor_id = actor_id
        self._address = address
        self._hides_addresses = hides_addresses
        self._audit = AuditRepository(ctx.db)
        # What a timer notes in an admin's act is not taken back with it.
        self._revocable = None if actor_id == AT_TERMINAL else ctx.revocable

    async def record(
        self,
        action: Action,
        target_id: UUID,
        reason: str = "",
        before: State | None = None,
        after: State | None = None,
    ) -> None:
        """Write an entry. `before` and `after` have what the act changed, and nothing else."""
        entry = AuditEntry(
            actor_id=self._actor_id,
            action=action,
            target_type=action.target_type,
            target_id=target_id,
            reason=reason,
            before=dict(stored(before)),
            after=dict(stored(after)),
            address=self._address,
        )
        entry_id = await self._audit.add(entry)
        if self._revocable is not None:
            self._revocable.recorded.append(entry_id)

    def keep_for_undo(self, target_id: UUID, text: str) -> None:
        """Keep what the log does not have, in case the act is taken back."""
        if self._revocable is not None:
            self._revocable.kept[str(target_id)] = text

    async def list_by_ids(self, entry_ids: Sequence[UUID]) -> list[AuditRow]:
        """These entries, the oldest first."""
        return self._shown(await self._audit.list_by_ids(entry_ids))

    async def list_page(
        self, page: PageRequest, which: AuditFilter = EVERY_ENTRY
    ) -> Page[AuditRow]:
        """The acts that the filter lets through, the newest first."""
        page = page.formerly(which.former_list_name)
        after_id = page.after_id(start=which.end_id)
        rows = await self._audit.list_page(after_id, which.first_id, which.columns, page.row_limit)
        return page.slice(self._shown(rows), lambda row: [row.id])

    async def note_export(self, since: str, until: str) -> None:
        """That an admin takes the log of these days along."""
        exported = Exported("audit_log", since, until)
        await self.record(Action.RECORDS_EXPORTED, NO_TARGET, after=exported)

    async def list_some(self, which: AuditFilter, before_id: UUID | None) -> list[AuditRow]:
        """The newest of these acts before an id, as many as a file takes at once."""
        before = which.end_id if before_id is None else before_id
        rows = await self._audit.list_page(before, which.first_id, which.columns, EXPORT_PAGE_ROWS)
        return self._shown(rows)

    async def list_admins(self) -> list[NamedAdmin]:
        """The present admins, fifty at most."""
        return await self._audit.list_admins(MAX_ADMINS)

    async def list_about_user(self, user_id: UUID, limit: int) -> list[AuditRow]:
        """The latest acts on one user."""
        return self._shown(await self._audit.list_about(TargetType.USER, user_id, limit))

    async def list_before(
        self, target_type: TargetType, target_id: UUID, before_id: UUID
    ) -> list[AuditRow]:
        """The latest acts on something, of those that are older than an id."""
        rows = await self._audit.list_about(target_type, target_id, LOOKED_BACK, before_id)
        return self._shown(rows)

    async def find_last(self, target_type: TargetType, target_id: UUID) -> AuditRow | None:
        """The latest act on something. None if there was none."""
        rows = self._shown(await self._audit.list_about(target_type, target_id, 1))
        return rows[0] if rows else None

    async def find_last_effective(
        self, target_type: TargetType, target_id: UUID, actions: Collection[Action]
    ) -> AuditRow | None:
        """The latest of some actions on something that was not undone. None if there was none."""
        undone = 0
        for row in await self._audit.list_about(target_type, target_id, LOOKED_BACK):
            if row.action not in actions:
                continue
            if row.reason == UNDONE:
                undone += 1
            elif undone:
                undone -= 1
            else:
                return row
        return None

    def _shown(self, rows: list[AuditRow]) -> list[AuditRow]:
        """Of an act at the terminal, `address` says who did it, and stays."""
        if not self._hides_addresses:
            return rows
        return [row if row.actor_id == AT_TERMINAL else replace(row, address="") for row in rows]
