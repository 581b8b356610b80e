"""What admins do with users: find them, look at them, suspend, restore, promote, demote."""

from dataclasses import dataclass
from uuid import UUID

from app.admin.enums import Action
from app.admin.exceptions import NotRegistered
from app.admin.policy import Version, ensure_unchanged, user_version
from app.admin.repository import OverviewRepository
from app.admin.rows import AuditRow, CaseOfUserRow, PostOfUserRow
from app.admin.schemas import ManagedUserUpdate
from app.admin.service.audit import AuditLog
from app.admin.service.changes import Standing
from app.core.keyset import PageRequest, Slice
from app.runtime.context import Context, Needs
from app.user.enums import Role, UserStatus
from app.user.models import User
from app.user.service import StandingService, UserService

MAX_SHOWN = 10


@dataclass(frozen=True, slots=True)
class UserFile:
    """What admins see of one user: their latest posts, cases about them, and acts on them."""

    user: User
    posts: list[PostOfUserRow]
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

    async def get_file(self, user_id: UUID) -> UserFile:
        """Raises UserNotFound."""
        return UserFile(
            await self.get(user_id),
            await self._overview.list_posts_of(user_id, MAX_SHOWN),
            await self._overview.list_cases_about(user_id, MAX_SHOWN),
            await self._audit.list_about_user(user_id, MAX_SHOWN),
        )

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
        await self._standing.change(locked, after.role, after.status, changes.reason)
        await self._audit.record(Action.USER_CHANGED, user_id, changes.reason, before, after)
        return user
