"""Roles and suspensions: what admins decide about users."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from app.core.keyset import LAST_ID, Page, PageRequest
from app.core.sql.search import Looked, found_in_time
from app.core.text import fold
from app.live_log.changes import Kind
from app.runtime.context import Needs, Service
from app.user.enums import STAFF, Role, UserStatus
from app.user.exceptions import LastAdmin
from app.user.models import User
from app.user.policy import is_suspended
from app.user.repository.finding import UserFinder
from app.user.repository.users import UserRepository
from app.webhook.enums import WebhookEvent
from app.webhook.service import WebhookService


@dataclass(frozen=True, slots=True)
class NewStanding:
    """A user's role and status. `until` and `hides` belong to a suspension."""

    role: str
    status: str
    reason: str | None = None
    """What a suspended user is shown; None for what it was before."""

    until: datetime | None = None
    hides: bool = False
    suspension_id: UUID | None = None
    """Of a suspension that comes back. Without it each suspension has a new one."""


@dataclass(frozen=True, slots=True)
class LockedUser:
    """A user whose row is locked, together with the rows of all active admins."""

    user: User
    is_last_admin: bool

    def ensure_replaceable(self) -> None:
        """Raises LastAdmin if no active admin would be left without this user."""
        if self.is_last_admin:
            raise LastAdmin


class StandingService(Service):
    _webhooks = Needs(WebhookService)
    _users = Needs(UserRepository)
    _finder = Needs(UserFinder)

    async def lock(self, user_id: UUID) -> LockedUser:
        """Lock a user who may cease to be an admin. Raises UserNotFound.

        The active admins are locked first, in the order of their ids. So if two admins demote
        each other at the same time, the second one waits, and then finds that it is the last.
        """
        admins = await self._users.lock_admins(self._ctx.clock())
        user = await self._users.lock(user_id)
        return LockedUser(user, is_last_admin=list(admins) == [user_id])

    async def list_admins_among(self, user_ids: Collection[UUID]) -> Collection[UUID]:
        """Those of some users who are admins, suspended ones too."""
        return await self._users.list_admins_among(user_ids)

    async def has_other_admin(self, user_id: UUID) -> bool:
        """Whether there is an active admin beside this user. It locks nothing."""
        return await self._users.has_other_admin(user_id, self._ctx.clock())

    async def change(self, locked: LockedUser, new: NewStanding) -> None:
        """Set role and status. A suspended user is shown the reason. Raises LastAdmin."""
        if (new.role, new.status) != (Role.ADMIN, UserStatus.ACTIVE):
            locked.ensure_replaceable()
        await self._set(locked.user, new)

    def is_over(self, user: User) -> bool:
        """Whether a suspension is past its end, and not noted as ended yet."""
        return user.status == UserStatus.SUSPENDED and not is_suspended(user, self._ctx.clock())

    async def make_admin(self, user: User, password_hash: str) -> None:
        """Make a locked user an admin who signs in with this password.

        A suspension ends: a suspended admin could not sign in.
        """
        await self._users.change(user, password_hash=password_hash)
        await self._set(user, NewStanding(Role.ADMIN, UserStatus.ACTIVE))

    async def _set(self, user: User, new: NewStanding) -> None:
        is_suspended = new.status == UserStatus.SUSPENDED
        was_suspended = user.status == UserStatus.SUSPENDED
        reason, suspension_id = user.suspension_reason, user.suspension_id
        if not is_suspended:
            reason = ""
        elif new.reason is not None or not was_suspended:
            reason = new.reason or ""
        if is_suspended != was_suspended:
            # Each suspension has an id of its own, so that its page to appeal ends with it.
            suspension_id = (new.suspension_id or uuid4()) if is_suspended else None
            self._ctx.changed(user.id, Kind.SESSION, user.id)
        await self._users.change(
            user,
            role=new.role,
            status=new.status,
            suspension_reason=reason,
            suspension_id=suspension_id,
            suspended_until=new.until if is_suspended else None,
            suspension_hides=new.hides and is_suspended,
            email_lapses_at=None if new.role in STAFF else user.email_lapses_at,
        )
        if is_suspended and not was_suspended and new.suspension_id is None:
            await self._webhooks.announce(WebhookEvent.USER_SUSPENDED, user.id)

    async def list_these(
        self, user_ids: Sequence[UUID], role: Role | None, status: UserStatus | None
    ) -> Sequence[User]:
        """Those of some users who have not left, and whom the filters let through."""
        return await self._users.list_these(user_ids, role, status, self._ctx.clock())

    async def list_users(
        self,
        page: PageRequest,
        query: str | None,
        role: Role | None,
        status: UserStatus | None,
        *,
        guests: bool = True,
        names_only: bool = False,
        looks: int,
    ) -> Page[User]:
        """All users who have not left, the newest first. The filters narrow the list.

        With `names_only` a search does not look at addresses. Without `guests` they are listed only
        if their role is asked for. A page of a search may be short, or empty, before the end.
        `looks` says by how many statements it looks at most.
        """
        words, guests = None if query is None else fold(query), guests or role is not None
        former_name = f"users:{role or ('' if guests else 'members')}:{status or ''}:{words or ''}"
        page = page.formerly(former_name + (":names" if names_only else ""))
        if words is None:
            after_id = page.after_id(start=LAST_ID)
            users = await self._list_newest(after_id, page.row_limit, role, status, guests=guests)
            return page.slice(users, lambda user: [user.id])
        now = self._ctx.clock()

        async def look(after_id: UUID, limit: int, is_first: bool) -> Looked[User]:
            looked = await self._finder.search(
                words,
                after_id,
                limit,
                role,
                status,
                now,
                names_only=names_only,
                is_first=is_first,
            )
            users = [each.user for each in looked if each.user is not None]
            found = [user for user in users if guests or user.role != Role.GUEST]
            return found, next((each.end_id for each in looked if each.end_id is not None), None)

        return await found_in_time(page, looks, look)

    async def _list_newest(
        self,
        after_id: UUID,
        limit: int,
        role: Role | None,
        status: UserStatus | None,
        *,
        guests: bool,
    ) -> Sequence[User]:
        now = self._ctx.clock()
        if guests or status == UserStatus.SUSPENDED:
            return await self._users.list_page(after_id, limit, role, status, now, guests=guests)
        ids = await self._users.list_newest_members(after_id, limit, status, now)
        members = await self._users.list_these(ids, role, status, now)
        return sorted(members, key=lambda user: user.id, reverse=True)
