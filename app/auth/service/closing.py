"""What follows when a sign-in method is closed, and sign-in methods that close without their
owner's act.

A person who takes an account over by its address may not know of the other sign-in methods to it.
And an address that was only typed in must not keep its owner out.
"""

from collections.abc import Sequence
from uuid import UUID

from app.auth.enums import MailPurpose
from app.auth.service.mailed_links import MailedLinkService
from app.auth.service.notices import NoticeService
from app.auth.service.provider_tokens import ProviderTokenService
from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.integrations.identity.enums import SocialProvider
from app.jobs.definitions import AboutUser
from app.jobs.enqueue import enqueue
from app.notification.enums import AccountEvent
from app.runtime.context import Needs, Service
from app.user.enums import SignInMethod
from app.user.exceptions import UserNotFound
from app.user.models import User
from app.user.policy import has_lapsed
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.users import UserService

CLOSE_LAPSED = "auth.close_lapsed_door"
LAPSED_AT_ONCE = 500
"""Accounts per run. A run every five minutes closes more than are likely to be opened."""


class ClosingService(Service):
    _users = Needs(UserService)
    _methods = Needs(SignInMethodService)
    _links = Needs(MailedLinkService)
    _provider_tokens = Needs(ProviderTokenService)
    _notices = Needs(NoticeService)
    _records = Needs(ConnectionLogService)

    async def keep_only_email(
        self, user: User, *, added_before_proof: bool = False
    ) -> Sequence[SignInMethod]:
        """Close all sign-in methods but the e-mail one, or those from before its address was
        proved.

        The user must be locked exclusively. The caller ends the sessions. Returns what was open.
        """
        notified = await self._methods.verified_addresses(user)
        closed = await self._methods.remove_all_but_email(
            user, added_before_proof=added_before_proof
        )
        for method in closed:
            await self.note(user, method, notified)
        return closed

    async def make_room(self, email: str, *, but: UUID | None = None) -> None:
        """Close the sign-in method of another account that has this address unproved, beside
        another sign-in method.

        For somebody who wants the address. Call it before the caller is locked: of two who come at
        once the second one waits for the lock here, and the address itself is unique.
        """
        holder = await self._methods.find_unproved(email)
        if holder is None or holder == but:
            return
        user = await self._lock(holder)
        # The lock may have waited for the owner, who has proved the address, or changed it.
        if user is not None and await self._methods.find_unproved(email) == holder:
            await self._close_unproved(user)

    async def close_lapsed(self, user_id: UUID) -> None:
        """The job behind CLOSE_LAPSED: close an e-mail sign-in that was not proved for a day."""
        user = await self._lock(user_id)
        if user is not None and has_lapsed(user, self._ctx.clock()):
            await self._close_unproved(user)

    async def close_all_lapsed(self) -> None:
        """Enqueue a job for each e-mail sign-in that has lapsed, the earliest first."""
        for user_id in await self._methods.list_lapsed(LAPSED_AT_ONCE):
            await enqueue(self._ctx.db, CLOSE_LAPSED, AboutUser(user_id))

    async def _lock(self, user_id: UUID) -> User | None:
        try:
            return await self._users.lock(user_id)
        except UserNotFound:
            return None

    async def _close_unproved(self, user: User) -> None:
        """Its sessions go on: they belong to the account, not to the address."""
        if await self._methods.remove_unproved(user):
            await self._note(user, SignInMethod.EMAIL, [], AccountEvent.EMAIL_LAPSED)

    async def note(self, user: User, method: SignInMethod, notified: Sequence[str]) -> None:
        """Revoke what a closed sign-in method's provider gave us, and record and notify that it was
        closed.

        Links that end the account do not work any more: one may come from a sign-in by this sign-in
        method.
        """
        await self._note(user, method, notified, AccountEvent.UNLINKED)

    async def _note(
        self, user: User, method: SignInMethod, notified: Sequence[str], event: AccountEvent
    ) -> None:
        await self._links.forget(user.id, MailPurpose.LEAVE)
        if method != SignInMethod.EMAIL:
            await self._provider_tokens.revoke_all_of(user.id, SocialProvider(method))
        await self._records.note(RecordedAct.UNLINKED, Subject.ACCOUNT, user.id, user.id)
        await self._notices.notify(user, notified, event, method)
