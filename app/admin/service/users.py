"""What admins do with users: find them, look at them, suspend, restore, promote, demote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.admin.enums import UNDONE, Action, HeldKind
from app.admin.exceptions import AddressUnverified, ChangedMeanwhile, NotRegistered
from app.admin.policy import (
    Version,
    ensure_may_change,
    ensure_unchanged,
    user_version,
)
from app.admin.repository.console.overview import OverviewRepository
from app.admin.rows import AuditRow, CaseOfUserRow, ContentRow, UserFactsRow
from app.admin.schemas import ManagedUserUpdate
from app.admin.service.changes import WarningGiven, stored
from app.admin.service.finding import LOOKS, as_id
from app.admin.service.part import AdminPart
from app.admin.service.suspension_timer import SuspensionTimer
from app.admin.service.suspensions import (
    former_suspension,
    kept_of,
    new_suspension,
    standing_of,
)
from app.core.keyset import LAST_ID, Page, PageRequest
from app.runtime.context import Needs
from app.suspension.rows import GivenWarning
from app.suspension.schemas import Warn
from app.suspension.service.suspensions import SuspensionService
from app.suspension.service.warnings import WarningService
from app.user.enums import STAFF, Role, UserStatus
from app.user.models import User
from app.user.service.listing import UserListService
from app.user.service.profiles import ProfileService
from app.user.service.roles import LockedUser, RoleService
from app.user.service.users import UserService

MAX_SHOWN = 10

SAME_WARNING = timedelta(minutes=1)
"""Within this time the same warning by the same admin counts as sent twice."""


@dataclass(frozen=True, slots=True)
class UserFile:
    """What admins see of one user: warnings, cases about them, and acts on them."""

    user: User
    warnings: list[GivenWarning]
    cases: list[CaseOfUserRow]
    acts: list[AuditRow]


class UserAdmin(AdminPart):
    _users = Needs(UserService)
    _profiles = Needs(ProfileService)
    _lists = Needs(UserListService)
    _roles = Needs(RoleService)
    _suspensions = Needs(SuspensionService)
    _timer = Needs(SuspensionTimer)
    _warnings = Needs(WarningService)
    _overview = Needs(OverviewRepository)

    async def list_page(
        self,
        page: PageRequest,
        query: str | None = None,
        role: Role | None = None,
        status: UserStatus | None = None,
        *,
        guests: bool = True,
        looks: int = LOOKS,
    ) -> Page[User]:
        """The newest first. `query` finds parts of nicknames and addresses, or is a user's id.

        A moderator's does not look at addresses: they are masked for moderators. `looks` says by
        how many statements a search looks at most.
        """
        if query is not None and (user_id := as_id(query)) is not None:
            return Page(await self._lists.list_these([user_id], role, status), None)
        names_only = self._admin.role != Role.ADMIN
        return await self._lists.list_users(
            page, query, role, status, guests=guests, names_only=names_only, looks=looks
        )

    async def list_facts(self, users: Sequence[User]) -> dict[UUID, UserFactsRow]:
        """When some users were here last, and how often they were reported."""
        return {row.id: row for row in await self._overview.list_facts([u.id for u in users])}

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
            await self._warnings.list_of(user_id, MAX_SHOWN),
            await self._overview.list_cases_about(user_id, MAX_SHOWN),
            await self._audit.list_about_user(user_id, MAX_SHOWN),
        )

    async def warn(self, user_id: UUID, form: Warn) -> tuple[GivenWarning, bool]:
        """Warn a user, and notify them of the reason.

        The second value is whether the warning is new. The same one by the same admin within
        SAME_WARNING is a second tap on the button: it returns the first, and notifies nobody.

        Raises UserNotFound, AboutStaff, WarnedAboutNotFound.
        """
        await self.ensure_may_act_on(user_id)
        about = await self._warnings.begin(user_id, form)
        if (first := await self._find_same_warning(user_id, form)) is not None:
            return first, False
        warning = await self._warnings.warn(user_id, form, about)
        given = WarningGiven(warning.id, warning.target_type, warning.target_id)
        await self._audit.record(Action.USER_WARNED, user_id, form.reason, after=given)
        return warning, True

    async def _find_same_warning(self, user_id: UUID, form: Warn) -> GivenWarning | None:
        """This admin's warning of the same content in the last SAME_WARNING, if it stands.

        It is looked for among the latest MAX_SHOWN warnings of the user.
        """
        given_ids = {
            act.after["warning"]
            for act in await self._audit.list_about_user(user_id, MAX_SHOWN)
            if act.action == Action.USER_WARNED and act.actor_id == self._admin.user_id
        }
        since = self._ctx.clock() - SAME_WARNING
        content = (form.reason, form.target_type, form.target_id)
        for warning in await self._warnings.list_of(user_id, MAX_SHOWN):
            is_same = (warning.reason, warning.target_type, warning.target_id) == content
            is_recent = warning.created_at > since and warning.withdrawn_at is None
            if is_same and is_recent and str(warning.id) in given_ids:
                return warning
        return None

    async def ensure_may_act_on(self, user_id: UUID) -> None:
        """Raises UserNotFound, AboutStaff."""
        if self._admin.role != Role.ADMIN:
            ensure_may_change(self._admin, await self.get(user_id))

    async def list_content(
        self, user_id: UUID, kind: HeldKind | None, page: PageRequest
    ) -> Page[ContentRow]:
        """What a user wrote, in any state, the newest first."""
        page = page.formerly(f"content_of:{user_id}:{kind or ''}")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._overview.list_content_of(user_id, kind, after_id, page.row_limit)
        return page.slice(rows, lambda row: [row.id])

    async def change(
        self, user_id: UUID, changes: ManagedUserUpdate, seen: Version | None = None
    ) -> User:
        """Suspend, restore, promote or demote.

        Raises UserNotFound, AboutStaff, ChangedMeanwhile, NotRegistered, AddressUnverified,
        LastAdmin, ValidationFailed.
        """
        locked = await self._roles.lock(user_id)
        ensure_may_change(self._admin, locked.user, gives_role=changes.role is not None)
        ensure_unchanged(seen, user_version(locked.user))
        await self._ensure_may_get(locked.user, changes.role)
        await self._timer.end_if_over(locked.user)
        return await self._change(locked, changes)

    async def _ensure_may_get(self, user: User, role: str | None) -> None:
        """That a locked user may get this role. Raises AddressUnverified.

        An unverified address may be a stranger's, who could take the account over by their mailbox.
        An admin who becomes a moderator gets nothing.
        """
        gets_more = role in STAFF and role != user.role
        if (
            gets_more
            and user.role in (Role.USER, Role.MODERATOR)
            and not await self._profiles.is_verified(user)
        ):
            raise AddressUnverified

    async def end_suspension(self, user_id: UUID, suspension_id: UUID, reason: str) -> None:
        """End this suspension, if it has not ended. Another one stays. The caller tells the user.

        Raises UserNotFound.
        """
        locked = await self._roles.lock(user_id)
        await self._timer.end_if_over(locked.user)
        if locked.user.suspension_id == suspension_id:
            lifted = ManagedUserUpdate(status=UserStatus.ACTIVE, reason=reason)
            await self._change(locked, lifted, notify_of_end=False)

    async def _change(
        self, locked: LockedUser, changes: ManagedUserUpdate, *, notify_of_end: bool = True
    ) -> User:
        user = locked.user
        if changes.role is not None and user.role == Role.GUEST:
            raise NotRegistered
        self._audit.keep_for_undo(user.id, kept_of(user))
        before = standing_of(user)
        suspension = new_suspension(user, changes, self._ctx.clock())
        if changes.role is not None:
            await self._roles.change(locked, changes.role)
        if suspension is None:
            await self._suspensions.end(user, notify=notify_of_end)
        else:
            await self._suspensions.suspend(locked, suspension)
        after = standing_of(user)
        await self._audit.record(Action.USER_CHANGED, user.id, changes.reason, before, after)
        return user

    async def reverse(self, entry: AuditRow, kept: str) -> None:
        """Give a user their former role and suspension. Raises as `change` does."""
        locked = await self._roles.lock(entry.target_id)
        user, role = locked.user, entry.before["role"]
        ensure_may_change(self._admin, user, gives_role=user.role != role)
        after = standing_of(user)
        if stored(after) != entry.after:
            raise ChangedMeanwhile
        if user.role != role:
            await self._roles.change(locked, role)
        await self._suspensions.put_back(locked, former_suspension(entry.before, kept))
        before = standing_of(user)
        await self._audit.record(Action.USER_CHANGED, user.id, UNDONE, after, before)
