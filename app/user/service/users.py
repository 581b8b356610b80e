"""What every feature needs of users: that they exist, and that they don't leave meanwhile."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.core.db import Writing
from app.core.errors import SessionRevoked
from app.core.tokens import AccessClaims
from app.runtime.context import Context, Needs, Service
from app.user.enums import UserLocale, UserStatus
from app.user.exceptions import UserNotFound
from app.user.models import User
from app.user.policy import USER, Access, Viewer
from app.user.repository.users import UserRepository
from app.user.rows import NicknameRow
from app.user.service.sessions import SessionService


class UserService(Service):
    _sessions = Needs(SessionService)
    _users = Needs(UserRepository)

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._access = USER

    async def open(self, caller: AccessClaims | Viewer, access: Access) -> Viewer:
        """Begin a use case that writes for its caller. A route or the console calls this first.

        In a transaction a shared lock on the caller's presence comes before all else: from here on
        they can't leave before it ends (ADR 0036). The caller is asked for by a statement of its
        own, because one that waited for the lock still sees what was there before the wait. Raises
        what `access` refuses.
        """
        self._access = access
        self._ctx.was_asked = True
        self._ctx.writers.add(caller.user_id)
        if isinstance(self._ctx.db, Writing):
            await self._users.begin_with_presence(caller.user_id, leaving=False)
        return await self._sessions.admit(caller, access)

    async def late(self, who: Viewer | UUID) -> None:
        """Go on after slow work, such as an upload, or begin with a user who is not the caller.

        Of a caller it asks again what `open` asked, since their session may have ended meanwhile.
        Of another user, whom a job writes about or a token names, it asks that they have not left.
        They can't leave before the transaction ends. Raises what `open` raises, or UserNotFound.
        """
        if isinstance(who, Viewer):
            await self._stay(who)
            await self._ask_again(who)
        else:
            await self._users.lock_presence(who, leaving=False)
            await self.ensure_exists(who)

    async def exclusive(self, who: Viewer | UUID) -> None:
        """Wait until nothing is being written for the user. New writes wait for this transaction.

        For leaving, and operations that wait for all writes as leaving does. Call it before any
        other lock: another transaction could wait for that one, while this one waits here. For a
        caller it checks again what `open` checked, and raises what `open` raises.
        """
        if isinstance(who, Viewer):
            await self._users.begin_with_presence(who.user_id, leaving=True)
            await self._ask_again(who)
        else:
            await self._users.lock_presence(who, leaving=True)

    async def lock(self, who: Viewer | UUID) -> User:
        """Like `late`, and lock the user's row.

        A new password, a reset and a suspension lock this row. So this write sees what any of them
        has ended, and one that comes later waits for this write.
        """
        if isinstance(who, UUID):
            self._ctx.writers.add(who)
            await self._users.lock_presence(who, leaving=False)
            return await self._users.lock(who)
        await self._stay(who)
        try:
            user = await self._users.lock(who.user_id)
        except UserNotFound:
            raise SessionRevoked from None
        await self._ask_again(who)
        return user

    async def lock_row(self, user_id: UUID) -> None:
        """Lock a user's row, and not their presence: after posts and comments. Raises UserNotFound.

        It does not keep them from leaving.
        """
        await self._users.lock(user_id)

    async def _stay(self, viewer: Viewer) -> None:
        if not self._ctx.was_asked:
            await self._users.lock_presence(viewer.user_id, leaving=False)

    async def _ask_again(self, viewer: Viewer) -> None:
        await self._sessions.admit(viewer, self._access)
        self._ctx.must_ask_again = False

    async def set_mfa_since(self, user: User, moment: datetime | None) -> None:
        """Note since when a locked user has a second step, or that there is none."""
        await self._users.change(user, mfa_since=moment)

    async def set_suspension(
        self,
        user: User,
        status: UserStatus,
        id_: UUID | None = None,
        reason: str = "",
        until: datetime | None = None,
        *,
        hides: bool = False,
    ) -> None:
        """Note a locked user's suspension or its end. `app/suspension` decides about it."""
        await self._users.change(
            user,
            status=status,
            suspension_id=id_,
            suspension_reason=reason,
            suspended_until=until,
            suspension_hides=hides,
        )

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

    async def list_nicknames(self, after_id: UUID, limit: int) -> Sequence[NicknameRow]:
        """Of the next users by their ids, also of those who have left."""
        return await self._users.list_nicknames(after_id, limit)

    async def list_nicknames_of(self, user_ids: Sequence[UUID]) -> Sequence[NicknameRow]:
        return await self._users.list_nicknames_of(user_ids)

    async def change_warning_count(self, user_id: UUID, by: int) -> None:
        await self._users.change_warning_count(user_id, by)

    async def list_locales(self, user_ids: Sequence[UUID]) -> dict[UUID, str]:
        """The languages of those who have not left, by their ids."""
        return await self._users.list_locales(user_ids)

    async def change_post_count(self, user_id: UUID, by: int) -> None:
        await self._users.change_post_count(user_id, by)
