"""Changing the address of an account. Nothing changes before its new owner has opened a link."""

from dataclasses import dataclass
from uuid import UUID

from app.auth.enums import MailKind, MailPurpose
from app.auth.exceptions import InvalidToken
from app.auth.rows import MailedTo
from app.auth.service.accounts import AccountService
from app.auth.service.closing import ClosingService
from app.auth.service.mailed_links import MailedLinkService
from app.auth.service.mails import MailService
from app.auth.service.notices import NoticeService
from app.auth.service.tokens import TokenService
from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.jobs.enqueue import enqueue
from app.notification.enums import AccountEvent
from app.runtime.context import Needs, Service
from app.user.exceptions import AccountSuspended, UserNotFound
from app.user.models import User
from app.user.policy import Viewer, has_lapsed, is_suspended
from app.user.service.sessions import SessionService
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.users import UserService

MAIL_EMAIL_CHANGE = "auth.mail_email_change"


@dataclass(frozen=True, slots=True)
class EmailChangeToMail:
    """The payload of MAIL_EMAIL_CHANGE: the address that a user wants, asked in a session."""

    user_id: UUID
    email: str
    session_id: UUID


class AddressService(Service):
    _users = Needs(UserService)
    _methods = Needs(SignInMethodService)
    _accounts = Needs(AccountService)
    _closing = Needs(ClosingService)
    _mails = Needs(MailService)
    _links = Needs(MailedLinkService)
    _notices = Needs(NoticeService)
    _sessions = Needs(SessionService)
    _tokens = Needs(TokenService)
    _records = Needs(ConnectionLogService)

    async def ask(self, viewer: Viewer, email: str, password: str | None) -> None:
        """Mail a link to the new address, and a word to the old one.

        If the new one has had its mails of this kind, the old one must still learn of the wish. An
        old one that is not verified has a limit of its own.

        Raises WrongPassword, also if the password has changed while it was checked; ProofRequired,
        EmailTaken, SessionRevoked, AccountSuspended.
        """
        checked = await self._accounts.ensure_proof(viewer, password)
        user = await self._users.lock(viewer)
        await self._accounts.settle_proof(user, checked)
        await self._methods.ensure_free(user, email)
        if await self._mails.may_mail(email, MailKind.CHANGE_EMAIL):
            change = EmailChangeToMail(user.id, email, viewer.session_id)
            await enqueue(self._ctx.db, MAIL_EMAIL_CHANGE, change)
        await self._notify(user, email)

    async def _notify(self, user: User, new: str) -> None:
        """Notify the account, and its old address."""
        old = [user.email] if user.email is not None and user.email != new else []
        if old and not await self._mails.may_notify(user, MailKind.EMAIL_CHANGE_ASKED):
            old = []
        await self._notices.notify(user, old, AccountEvent.EMAIL_CHANGE_ASKED)

    async def send(self, change: EmailChangeToMail) -> None:
        """The job behind `ask`: make a token and mail it to the new address.

        Mails nothing once the session that asked is over: the link would not work.
        """
        user = await self._mails.find_addressee(change.user_id)
        if user is None or not await self._sessions.lock_open(user.id, change.session_id):
            return
        to = MailedTo(change.user_id, change.email, change.session_id)
        await self._links.send_to(user, MailPurpose.CHANGE_EMAIL, to)

    async def change(self, token: str) -> None:
        """Set the address that the token was mailed to, and end the other sessions.

        The session that asked goes on. Raises InvalidToken, also if that session is over; and
        AccountSuspended and EmailTaken, which leave the token usable. The first has neither the
        reason nor the page to appeal: a mistyped address is a stranger's.
        """
        purpose = MailPurpose.CHANGE_EMAIL
        mailed = await self._links.get_mailed(purpose, token)
        if mailed.email is not None:
            await self._closing.make_room(mailed.email, but=mailed.user_id)
        try:
            await self._tokens.lock_sessions_of(mailed.user_id)
        except UserNotFound:
            raise InvalidToken from None
        user = await self._links.use_token(purpose, token)
        if is_suspended(user, self._ctx.clock()):
            raise AccountSuspended(is_disclosed=False)
        if mailed.email is None:
            raise InvalidToken
        if has_lapsed(user, self._ctx.clock()):
            # Another address must not open the sign-in method again that the old one has lost.
            await self._methods.remove_unproved(user)
        notified = await self._methods.verified_addresses(user)
        await self._methods.change_address(user, mailed.email, self._ctx.clock())
        await self._tokens.end_all_sessions(user.id, but=mailed.session_id)
        await self._records.note(RecordedAct.CHANGED, Subject.ACCOUNT, user.id, user.id)
        others = [address for address in notified if address != mailed.email]
        await self._notices.notify(user, others, AccountEvent.EMAIL_CHANGED)
