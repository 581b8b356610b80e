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
from app.admin.service.changes import WarningGiven
from app.admin.service.suspensions import SuspensionTimer, new_standing, standing_of
from app.core.keyset import PageRequest, Slice
from app.runtime.context import Context, Needs
from app.sanction.rows import WarningRow
from app.sanction.schemas import Warn
from app.sanction.service import ContentHidingService, WarningService
from app.user.enums import Role, UserStatus
from app.user.models import User
from app.user.service import StandingService, UserService

MAX_SHOWN = 10


@dataclass(frozen=True, slots=True)
class UserFile:
    """What admins see of one user: their latest posts, cases about them, and acts on them."""

    user: User
    warnings: list[WarningRow]
    posts: list[PostOfUserRow]
    cases: list[CaseOfUserRow]
    acts: list[AuditRow]


class UserAdmin:
    _users = Needs(UserService)
    _standing = Needs(StandingService)
    _warnings = Needs(WarningService)
    _hiding = Needs(ContentHidingService)
    _timer = Needs(SuspensionTimer)

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
            await self._warnings.list_of(user_id, MAX_SHOWN),
            await self._overview.list_posts_of(user_id, MAX_SHOWN),
            await self._overview.list_cases_about(user_id, MAX_SHOWN),
            await self._audit.list_about_user(user_id, MAX_SHOWN),
        )

    async def warn(self, user_id: UUID, form: Warn) -> WarningRow:
        """Warn a user, and notify them of the reason. Raises UserNotFound."""
        warning = await self._warnings.warn(user_id, form)
        given = WarningGiven(warning.id, warning.target_type, warning.target_id)
        await self._audit.record(Action.USER_WARNED, user_id, form.reason, after=given)
        return warning

    async def change(
        self, user_id: UUID, changes: ManagedUserUpdate, seen: Version | None = None
    ) -> User:
        """Suspend, restore, promote or demote.

        Raises UserNotFound, ChangedMeanwhile, NotRegistered, LastAdmin, ValidationFailed.
        """
        locked = await self._standing.lock(user_id)
        user = locked.user
        ensure_unchanged(seen, user_version(user))
        await self._timer.end_if_over(locked)
        if changes.role is not None and user.role == Role.GUEST:
            raise NotRegistered
        before, hid = standing_of(user), user.suspension_hides
        await self._standing.change(locked, new_standing(user, changes, self._ctx.clock()))
        after = standing_of(user)
        await self._audit.record(Action.USER_CHANGED, user_id, changes.reason, before, after)
        if hid or user.suspension_hides:
            await self._hiding.begin(user_id)
        return user
