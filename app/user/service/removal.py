"""What ending an account does to its row. `account` decides about the rest."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.live_log.changes import EVERYONE, Kind
from app.runtime.context import Needs, Service
from app.user.enums import Role
from app.user.models import User
from app.user.repository.blocks import BlockRepository
from app.user.repository.users import UserRepository
from app.user.service.roles import RoleService


class RemovalService(Service):
    _roles = Needs(RoleService)
    _users = Needs(UserRepository)
    _blocks = Needs(BlockRepository)

    async def mark_left(self, user_id: UUID, now: datetime) -> User:
        """From now on the account has no profile, and its sign-in does not work.

        Returns the user, whose row is locked. Raises UserNotFound, LastAdmin.
        """
        locked = await self._roles.lock(user_id)
        locked.ensure_replaceable()
        await self._users.change(locked.user, left_at=now)
        # A guest has written nothing that others see. Thousands of them end in a night.
        if locked.user.role != Role.GUEST:
            self._ctx.changed(EVERYONE, Kind.AUTHOR, user_id)
        return locked.user

    async def hide(self, user_id: UUID) -> None:
        """Put all that the user has written hidden, until `erase`."""
        await self._users.add_departure(user_id)

    async def get_left(self, user_id: UUID) -> User:
        """A user who has left and is not erased yet. Raises UserNotFound."""
        return await self._users.get_left(user_id)

    async def erase(self, user_id: UUID) -> None:
        """Delete the row. Sessions, settings and devices go with it.

        There may be many blocks, by the user and of the user: they are deleted first, in batches.
        """
        await self._blocks.delete_all_of(user_id)
        await self._users.delete(user_id)

    async def take_idle_guests(self, before: datetime, now: datetime, limit: int) -> Sequence[UUID]:
        """Guests whose last session was over before `before`. Each one is returned only once."""
        return await self._users.take_idle_guests(before, now, limit)

    async def is_idle_guest(self, user_id: UUID, before: datetime) -> bool:
        return await self._users.is_idle_guest(user_id, before)
