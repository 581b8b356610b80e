"""What admins do with users: find them, look at them, suspend, restore, promote, demote."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.admin.enums import Action, HeldKind
from app.admin.exceptions import ChangedMeanwhile, NotRegistered
from app.admin.policy import Version, ensure_unchanged, user_version
from app.admin.repository import OverviewRepository
from app.admin.rows import AuditRow, CaseOfUserRow, ContentRow
from app.admin.schemas import ManagedUserUpdate
from app.admin.service.audit import UNDONE, AuditLog
from app.admin.service.changes import Standing
from app.core.keyset import LAST_ID, PageRequest, Slice
from app.runtime.context import Context, Needs
from app.user.enums import Role, UserStatus
from app.user.models import User
from app.user.service import StandingService, UserService

MAX_SHOWN = 10


@dataclass(frozen=True, slots=True)
class UserFile:
    """What admins see of one user: cases about them, and acts on them."""

    user: User
    cases: list[CaseOfUserRow]
    acts: list[AuditRow]


class UserAdmin:
    _users = Needs(UserService)
    _standing = Needs(StandingService)

    def __init__(self, ctx: Context, audit: AuditLog) -> None:
        self._ctx = ctx
        self._audit = audit
        self._overview = OverviewRepository(ctx.session, ctx.media_url)

    async def list_page(
        self,
        page: PageRequest,
        query: str | None = None,
        role: Role | None = None,
        status: UserStatus | None = None,
    ) -> Slice[User]:
        """The newest first. `query` finds parts of nicknames and addresses."""
        return await self._standing.list_users(page, query, role, status)

    async def get(self, user_id: UUID) -> User:
        """Raises UserNotFound."""
        return await self._users.get_user(user_id)

    async def list_locales(self, user_ids: Sequence[UUID | None]) -> dict[UUID, str]:
        """The languages of some users, in which an admin writes them a reason."""
        return await self._users.list_locales([id_ for id_ in user_ids if id_ is not None])

    async def get_file(self, user_id: UUID) -> UserFile:
        """Raises UserNotFound."""
        return UserFile(
            await self.get(user_id),
            await self._overview.list_cases_about(user_id, MAX_SHOWN),
            await self._audit.list_about_user(user_id, MAX_SHOWN),
        )

    async def list_content(
        self, user_id: UUID, kind: HeldKind | None, page: PageRequest
    ) -> Slice[ContentRow]:
        """What a user wrote, in any state, the newest first."""
        name = f"content_of:{user_id}:{kind or ''}"
        after_id = page.after_id(name, start=LAST_ID)
        rows = await self._overview.list_content_of(user_id, kind, after_id, page.row_limit)
        return page.slice(name, rows, lambda row: [row.id])

    async def change(
        self, user_id: UUID, changes: ManagedUserUpdate, seen: Version | None = None
    ) -> User:
        """Suspend, restore, promote or demote.

        Raises UserNotFound, ChangedMeanwhile, NotRegistered, LastAdmin.
        """
        locked = await self._standing.lock(user_id)
        user = locked.user
        ensure_unchanged(seen, user_version(user))
        before = Standing(user.role, user.status)
        after = Standing(changes.role or user.role, changes.status or user.status)
        if changes.role is not None and user.role == Role.GUEST:
            raise NotRegistered
        self._audit.keep_for_undo(user_id, user.suspension_reason)
        await self._standing.change(locked, after.role, after.status, changes.reason)
        await self._audit.record(Action.USER_CHANGED, user_id, changes.reason, before, after)
        return user

    async def reverse(self, entry: AuditRow, suspension_reason: str) -> None:
        """Give a user their former role and status. Raises as `change` does."""
        before, after = Standing(**entry.before), Standing(**entry.after)
        locked = await self._standing.lock(entry.target_id)
        if Standing(locked.user.role, locked.user.status) != after:
            raise ChangedMeanwhile
        await self._standing.change(locked, before.role, before.status, suspension_reason)
        await self._audit.record(Action.USER_CHANGED, entry.target_id, UNDONE, after, before)
