"""What every feature needs of users: that they exist, and that they don't leave meanwhile."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.core.errors import SessionRevoked
from app.runtime.context import Context, Needs
from app.user.enums import UserLocale
from app.user.exceptions import UserNotFound
from app.user.models import User
from app.user.policy import Viewer
from app.user.repository import UserRepository
from app.user.service.sessions import SessionService


class UserService:
    _sessions = Needs(SessionService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._users = UserRepository(ctx.db)
        self._writers = ctx.writers

    async def begin_write(self, viewer: Viewer) -> None:
        """Call this before the first lock and write of a use case.

        From here on the caller can't leave before the transaction ends (ADR 0036). Raises
        SessionRevoked if they have left already.
        """
        self._writers.add(viewer.user_id)
        await self._users.lock_presence(viewer.user_id, leaving=False)
        # This must be a statement of its own. One that waited for the lock would still see the
        # state from before the wait.
        if not await self._users.exists(viewer.user_id):
            raise SessionRevoked

    async def begin_late_write(self, viewer: Viewer) -> None:
        """Like `begin_write`, after slow work such as an upload.

        Meanwhile the session may have ended, or an admin may have suspended the user. Raises
        SessionRevoked, AccountSuspended, MfaRequired.
        """
        self._writers.add(viewer.user_id)
        await self._users.lock_presence(viewer.user_id, leaving=False)
        await self._sessions.ensure_may_write(viewer)

    async def begin_late_act(self, admin: Viewer) -> None:
        """Like `begin_late_write`, for an admin's act. Meanwhile they may have lost that role, too.

        Raises SessionRevoked, AccountSuspended, AdminOnly, MfaRequired.
        """
        self._writers.add(admin.user_id)
        await self._users.lock_presence(admin.user_id, leaving=False)
        await self._sessions.ensure_may_act(admin)

    async def delay_leaving(self, user_id: UUID) -> None:
        """Let a user not leave before the transaction ends, for a job that writes about them.

        Call it before the first lock. Leaving then finds all that the job has written.
        """
        await self._users.lock_presence(user_id, leaving=False)

    async def begin_leaving(self, user_id: UUID) -> None:
        """Wait until nothing is being written for the user. New writes wait for this transaction.

        Call this first in a transaction. Otherwise another transaction may wait for a lock that
        this one has, while this one waits here.
        """
        await self._users.lock_presence(user_id, leaving=True)

    async def begin_exclusively(self, viewer: Viewer) -> None:
        """Like `begin_leaving`, for the caller, and ask again about them as `begin_late_write`.

        Raises SessionRevoked, AccountSuspended, MfaRequired.
        """
        await self.begin_leaving(viewer.user_id)
        await self._sessions.ensure_may_write(viewer)

    async def lock_caller(self, viewer: Viewer, *, before_mfa: bool = False) -> User:
        """Like `begin_late_write`, and lock the caller's row too.

        A new password, a reset and a suspension lock this row. So this write sees what any of them
        has ended, and one that comes later waits for this write. With `before_mfa` the session may
        still have to pass the second step.

        Raises SessionRevoked, AccountSuspended, MfaRequired.
        """
        try:
            user = await self.lock_present(viewer.user_id)
        except UserNotFound:
            raise SessionRevoked from None
        await self._sessions.ensure_may_write(viewer, before_mfa=before_mfa)
        return user

    async def lock_present(self, user_id: UUID) -> User:
        """Like `lock_caller`, for a user known by a mailed token, a code or a provider.

        Raises UserNotFound if the user has left.
        """
        self._writers.add(user_id)
        await self._users.lock_presence(user_id, leaving=False)
        return await self._users.lock(user_id)

    async def set_mfa_since(self, user: User, moment: datetime | None) -> None:
        """Note since when a locked user has a second step, or that there is none."""
        await self._users.change(user, mfa_since=moment)

    async def get_user(self, user_id: UUID) -> User:
        """Raises UserNotFound."""
        return await self._users.get(user_id)

    async def get_caller(self, viewer: Viewer) -> User:
        """Raises SessionRevoked if the caller has left."""
        try:
            return await self._users.get(viewer.user_id)
        except UserNotFound:
            raise SessionRevoked from None

    async def ensure_exists(self, user_id: UUID) -> None:
        """Raises UserNotFound."""
        if not await self._users.exists(user_id):
            raise UserNotFound

    async def member_since(self, user_id: UUID) -> datetime:
        """When the account was made. Raises UserNotFound."""
        return (await self._users.get(user_id)).created_at

    async def locale_of(self, user_id: UUID) -> UserLocale:
        """The user's language, even after they have left."""
        return await self._users.find_locale(user_id) or UserLocale.JA

    async def change_warning_count(self, user_id: UUID, by: int) -> None:
        await self._users.change_warning_count(user_id, by)

    async def list_locales(self, user_ids: Sequence[UUID]) -> dict[UUID, str]:
        """The languages of those who have not left, by their ids."""
        return await self._users.list_locales(user_ids)

    async def change_post_count(self, user_id: UUID, by: int) -> None:
        await self._users.change_post_count(user_id, by)
