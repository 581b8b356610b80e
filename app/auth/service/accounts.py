"""Passwords and e-mail addresses: changing, resetting, verifying."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from app.auth.enums import MailKind, MailPurpose, Verified
from app.auth.exceptions import GuessedPassword, WrongPassword
from app.auth.policy import ensure_proved, ensure_strong
from app.auth.service.closing import ClosingService
from app.auth.service.guesses import GuessService
from app.auth.service.mailed_links import MailedLinkService
from app.auth.service.mails import MailService, name_for_mail
from app.auth.service.notices import NoticeService
from app.auth.service.sign_in import AuthService
from app.auth.service.tokens import TokenService
from app.core.keyset import FIRST_ID, PageRequest
from app.core.tokens import new_opaque_token
from app.integrations.mail.render import render_mail
from app.jobs.definitions import AboutUser
from app.jobs.enqueue import enqueue
from app.notification.enums import AccountEvent
from app.runtime.context import Needs, Service
from app.user.enums import Role, SignInMethod
from app.user.exceptions import UserNotFound
from app.user.models import User
from app.user.policy import Viewer, has_lapsed
from app.user.rows import Session
from app.user.service.account_entry import AccountEntryService
from app.user.service.sessions import SessionService
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.users import UserService

MAIL_PASSWORD_CHANGED = "auth.mail_password_changed"
SESSIONS_SHOWN = 10
"""Sessions that the page of a mailed link names, the newest first."""


@dataclass(frozen=True, slots=True)
class SignInOptions:
    """What is open to an account beside its address, the newest sessions first."""

    methods: Sequence[SignInMethod]
    sessions: Sequence[Session]
    has_more: bool
    """Whether there are more sessions."""

    is_of_address: bool
    """Whether the account is the address's owner's, who may close all else."""


class AccountService(Service):
    _users = Needs(UserService)
    _methods = Needs(SignInMethodService)
    _sessions = Needs(SessionService)
    _accounts = Needs(AccountEntryService)
    _auth = Needs(AuthService)
    _tokens = Needs(TokenService)
    _mails = Needs(MailService)
    _links = Needs(MailedLinkService)
    _notices = Needs(NoticeService)
    _closing = Needs(ClosingService)
    _guesses = Needs(GuessService)

    async def ensure_password(self, viewer: Viewer, password: str) -> str | None:
        """Check the caller's password. Returns the hash that it was checked against.

        Releases the connection meanwhile. A wrong one counts as at a sign-in. Raises
        SessionRevoked; RateLimited; and WrongPassword, also if the account has no password.
        """
        user = await self._users.get_caller(viewer)
        email, password_hash = user.email or "", self._password_of(user)
        if password_hash is not None:
            await self._guesses.ensure_no_wait(email)
        await self._ctx.release_connection()
        if await self._ctx.process.passwords.verify(
            password, password_hash, self._ctx.caller_network
        ):
            return password_hash
        if password_hash is None:
            raise WrongPassword
        await self._guesses.count_wrong(email)
        raise GuessedPassword

    async def ensure_proof(self, viewer: Viewer, password: str | None) -> str | None:
        """For what a stolen token must not do: the account's password, or else a recent proof.

        An account with a password must send it. One without needs a session that has proved whose
        it is, and a guest nothing. Returns the hash of the password, or None. Raises ProofRequired,
        RateLimited, SessionRevoked; and WrongPassword, also if one is needed and none was sent.
        """
        if self._password_of(await self._users.get_caller(viewer)) is None:
            if not viewer.is_guest:
                ensure_proved(viewer, self._ctx.clock())
            return None
        if password is None:
            raise WrongPassword
        return await self.ensure_password(viewer, password)

    async def ensure_unchanged(self, viewer: Viewer, checked: str | None) -> None:
        """Compare the caller's password with the one that was checked. They must be locked.

        Raises WrongPassword: the owner relies on it that an old password does nothing any more.
        """
        if await self._accounts.find_password_hash(viewer.user_id) != checked:
            raise WrongPassword

    async def settle_proof(self, user: User, checked: str | None) -> None:
        """Like `ensure_unchanged`, for a locked user. Wrong passwords before the right one are
        forgotten. Raises WrongPassword.
        """
        if self._password_of(user) != checked:
            raise WrongPassword
        if checked is not None:
            await self._guesses.forget(user.email or "")

    def _password_of(self, user: User) -> str | None:
        """The hash. None without a password, or if its address has lapsed: the job may be late."""
        return None if has_lapsed(user, self._ctx.clock()) else user.password_hash

    async def change_password(self, viewer: Viewer, current: str, new: str) -> None:
        """Set another password, end the other sessions, and mail the owner.

        A link that was mailed to reset the password does not work any more. If several changes come
        at once, one succeeds. A change never undoes a reset that happened while the old password
        was checked. Raises WrongPassword, PasswordTooWeak, SessionRevoked, AccountSuspended.
        """
        checked = await self.ensure_password(viewer, current)
        new_hash = await self._hash_new(await self._users.get_caller(viewer), new)
        await self._tokens.lock_sessions_of(viewer)
        user = await self._users.lock(viewer)
        await self.settle_proof(user, checked)
        await self._accounts.set_password(user, new_hash)
        await self._links.forget(user.id, MailPurpose.RESET_PASSWORD)
        await self._tokens.end_all_sessions(user.id, but=viewer.session_id)
        if await self._mails.may_notify(user, MailKind.PASSWORD_CHANGED):
            await enqueue(self._ctx.db, MAIL_PASSWORD_CHANGED, AboutUser(user.id))
        await self._notify_other_addresses(user)

    async def forget_password(self, email: str) -> None:
        """Mail a link that resets the password, if there is such an account.

        Not to an address that does not prove its owner (`SignInMethodService.may_prove_by_email`).
        """
        user = await self._accounts.find_by_email(email)
        await self._links.mail(user, email, MailPurpose.RESET_PASSWORD)

    async def reset_password(self, token: str, new: str) -> None:
        """Set a password by a mailed token, and end all sessions.

        It closes the sign-in methods that were added before the address was proved, now or long
        ago: a stranger may have signed up with it, and opened them.

        Raises InvalidToken; and PasswordTooWeak, which leaves the token usable.
        """
        purpose = MailPurpose.RESET_PASSWORD
        owner = await self._links.get_owner(purpose, token)
        owner_id, new_hash = owner.id, await self._hash_new(owner, new)
        # The token is used up after the hashing: of two resets at once only one succeeds.
        user = await self._use_exclusively(purpose, token, owner_id)
        await self._accounts.set_password(user, new_hash)
        await self._accounts.mark_email_verified(user, self._ctx.clock())
        await self._closing.keep_only_email(user, added_before_proof=True)
        await self._auth.forget_wrong_passwords(user.email or "")
        await self._tokens.end_all_sessions(user.id)
        await enqueue(self._ctx.db, MAIL_PASSWORD_CHANGED, AboutUser(user.id))
        await self._notify_other_addresses(user)

    async def verify_email(self, token: str, *, mine: bool = True) -> Verified:
        """Note that the address is proved. This ends no session.

        If the reader says that the account is not theirs, all other sign-in methods and all
        sessions are closed, and its password becomes one that no one knows: a reset by mail gives
        the reader another. But an account that began by another sign-in method is its owner's, who
        has mistyped the address: it loses the address, and the reader gets none of it. Raises
        InvalidToken.
        """
        purpose = MailPurpose.VERIFY_EMAIL
        if mine:
            user = await self._links.use_token(purpose, token)
            await self._accounts.mark_email_verified(user, self._ctx.clock())
            return Verified.CONFIRMED
        owner_id = (await self._links.get_owner(purpose, token)).id
        await self._ctx.release_connection()
        unknown = await self._ctx.process.passwords.hash(
            new_opaque_token(), self._ctx.caller_network
        )
        user = await self._use_exclusively(purpose, token, owner_id)
        if not await self._methods.began_by_email(user):
            await self._remove_address(user)
            return Verified.REMOVED
        await self._accounts.mark_email_verified(user, self._ctx.clock())
        await self._accounts.set_password(user, unknown)
        await self._closing.keep_only_email(user)
        await self._tokens.end_all_sessions(user.id)
        return Verified.CLOSED

    async def _remove_address(self, user: User) -> None:
        """Take off an address whose owner is a stranger, and the sign-in method by it. The sessions
        go on.
        """
        if user.password_hash is None:
            await self._accounts.forget_address(user)
            return
        notified = [to for to in await self._methods.verified_addresses(user) if to != user.email]
        await self._methods.remove(user, SignInMethod.EMAIL)
        await self._closing.note(user, SignInMethod.EMAIL, notified)

    async def list_ways_in(self, token: str) -> SignInOptions:
        """What is open beside the address of a link that verifies it. Raises InvalidToken."""
        user = await self._links.get_owner(MailPurpose.VERIFY_EMAIL, token)
        methods = [SignInMethod(row.provider) for row in await self._methods.list_of(user.id)]
        nobody = Viewer(user.id, FIRST_ID, Role(user.role))
        page = PageRequest.first(SESSIONS_SHOWN, self._ctx.settings)
        sessions = await self._sessions.list_page(nobody, page)
        others = [method for method in methods if method != SignInMethod.EMAIL]
        return SignInOptions(
            others,
            sessions.items,
            has_more=sessions.next_cursor is not None,
            is_of_address=await self._methods.began_by_email(user),
        )

    async def _use_exclusively(self, purpose: MailPurpose, token: str, owner_id: UUID) -> User:
        """Use a token up, with its user locked so that any sign-in method can be closed.

        Raises InvalidToken.
        """
        with suppress(UserNotFound):
            await self._methods.lock_other_exclusively(owner_id)
        return await self._links.use_token(purpose, token)

    async def resend_verification(self, viewer: Viewer) -> None:
        """Mail the link again if the address is not verified yet. Raises SessionRevoked."""
        user = await self._users.get_caller(viewer)
        unverified = user if user.email is not None and user.email_verified_at is None else None
        email = user.email or str(user.id)
        await self._links.mail(unverified, email, MailPurpose.VERIFY_EMAIL)

    async def mail_leave_link(self, email: str) -> None:
        """Mail a link to the page that ends the account, for people who removed the app."""
        user = await self._accounts.find_by_email(email)
        await self._links.mail(user, email, MailPurpose.LEAVE)

    async def send_password_changed(self, user_id: UUID) -> None:
        """The job behind MAIL_PASSWORD_CHANGED: warn the owner, who may not have done it."""
        user = await self._mails.find_addressee(user_id)
        if user is None or user.email is None:
            return
        # An address that is not verified may be a stranger's, who learns nothing of the account.
        is_theirs = user.email_verified_at is not None
        ways = await self._notices.ways_beside_password(user) if is_theirs else ""
        nickname = name_for_mail(user)
        await self._mails.send(
            render_mail(
                "password_changed",
                user.email,
                user.locale,
                brand=self._ctx.settings.brand,
                nickname=nickname,
                ways=ways,
            )
        )

    async def _notify_other_addresses(self, user: User) -> None:
        """Notify of a new password the addresses that the user's providers have verified."""
        others = [to for to in await self._methods.verified_addresses(user) if to != user.email]
        await self._notices.notify(user, others, AccountEvent.PASSWORD_CHANGED)

    async def _hash_new(self, user: User, password: str) -> str:
        """Raises PasswordTooWeak."""
        ensure_strong(password, user.email or "", user.nickname, field="new_password")
        await self._ctx.release_connection()
        return await self._ctx.process.passwords.hash(password, self._ctx.caller_network)
