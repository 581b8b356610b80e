"""Roles: who is an admin, and what they become. `app/suspension` suspends."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from app.runtime.context import Needs, Service
from app.user.enums import STAFF, Role
from app.user.exceptions import LastAdmin
from app.user.models import User
from app.user.repository.users import UserRepository


@dataclass(frozen=True, slots=True)
class LockedUser:
    """A user whose row is locked, together with the rows of all active admins."""

    user: User
    is_last_admin: bool

    def ensure_replaceable(self) -> None:
        """Raises LastAdmin if no active admin would be left without this user."""
        if self.is_last_admin:
            raise LastAdmin


class RoleService(Service):
    _users = Needs(UserRepository)

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

    async def change(self, locked: LockedUser, role: str) -> None:
        """Raises LastAdmin."""
        if role != Role.ADMIN:
            locked.ensure_replaceable()
        await self._set(locked.user, role)

    async def make_admin(self, user: User) -> None:
        """Make a locked user an admin."""
        await self._set(user, Role.ADMIN)

    async def _set(self, user: User, role: str) -> None:
        lapses_at = None if role in STAFF else user.email_lapses_at
        await self._users.change(user, role=role, email_lapses_at=lapses_at)
