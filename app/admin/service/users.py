"""What admins do with users: find them, look at them, suspend, restore, promote, demote."""

from typing import Any
from uuid import UUID

from app.admin.enums import Action
from app.admin.exceptions import LastAdmin, NotRegistered
from app.admin.policy import Version, ensure_unchanged, user_version
from app.admin.repository import OverviewRepository
from app.admin.schemas import ManagedUser, ManagedUserUpdate
from app.admin.service.audit import AuditLog
from app.admin.service.changes import Standing
from app.core.keyset import PageRequest, Slice
from app.runtime.context import Context, Needs
from app.user.enums import Role, UserStatus
from app.user.models import User
from app.user.service import UserService

MOST_IN_FILE = 10
_ACTIVE_ADMIN = Standing(Role.ADMIN, UserStatus.ACTIVE)


class UserAdmin:
    _users = Needs(UserService)

    def __init__(self, ctx: Context, audit: AuditLog) -> None:
        self._ctx = ctx
        self._audit = audit
        self._overview = OverviewRepository(ctx.session)

    async def list_page(
        self,
        page: PageRequest,
        query: str | None = None,
        role: Role | None = None,
        status: UserStatus | None = None,
    ) -> Slice[ManagedUser]:
        """The newest first. `query` finds parts of nicknames and addresses."""
        found = await self._users.list_for_admins(page, query, role, status)
        return found.map(self._describe)

    async def get(self, user_id: UUID) -> ManagedUser:
        """Raises UserNotFound."""
        return self._describe(await self._users.get_user(user_id))

    async def get_file(self, user_id: UUID) -> dict[str, Any]:
        """One user, with their latest posts, the latest reports about them and acts on them.

        Raises UserNotFound.
        """
        return {
            "user": await self.get(user_id),
            "posts": await self._overview.list_posts_of(user_id, MOST_IN_FILE),
            "cases": await self._overview.list_cases_about(user_id, MOST_IN_FILE),
            "acts": await self._audit.list_about(user_id, MOST_IN_FILE),
        }

    async def change(
        self, user_id: UUID, changes: ManagedUserUpdate, seen: Version | None = None
    ) -> ManagedUser:
        """Suspend, restore, promote or demote.

        Raises UserNotFound, ChangedMeanwhile, NotRegistered, LastAdmin.
        """
        # Lock all admins first, always in the same order. When two admins demote each other at
        # the same moment, one of them succeeds, and an admin remains.
        admins = await self._users.lock_admins()
        user = await self._users.lock_user(user_id)
        ensure_unchanged(seen, user_version(user.role, user.status))
        before = Standing(user.role, user.status)
        after = Standing(changes.role or user.role, changes.status or user.status)
        if changes.role is not None and user.role == Role.GUEST:
            raise NotRegistered
        if admins == [user_id] and after != _ACTIVE_ADMIN:
            raise LastAdmin
        await self._users.set_standing(user, after.role, after.status, changes.reason)
        await self._audit.record(Action.USER_CHANGED, user_id, changes.reason, before, after)
        return self._describe(user)

    def _describe(self, user: User) -> ManagedUser:
        return ManagedUser(
            **dict(self._users.describe(user)),
            status=UserStatus(user.status),
            suspension_reason=user.suspension_reason,
            post_count=user.post_count,
        )
