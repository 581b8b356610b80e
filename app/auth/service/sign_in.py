"""Signing up and in: by e-mail and password, or as a guest."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from app.auth.exceptions import InvalidCredentials
from app.auth.policy import ensure_sign_up_open, ensure_strong
from app.auth.repository.social import SocialRepository
from app.auth.schemas import Login, NonceCreated, Register, SignedIn
from app.auth.service.closing import ClosingService
from app.auth.service.guesses import GuessService
from app.auth.service.mailed_links import MailedLinkService
from app.auth.service.mails import MailService
from app.auth.service.tokens import TokenService
from app.connection_log.enums import RecordedAct
from app.core.metrics import SIGN_INS_FAILED
from app.core.tokens import hash_of, new_opaque_token
from app.runtime.context import Needs, Service
from app.user.enums import EntryMethod, Role, SignInMethod
from app.user.exceptions import AccountSuspended, NotAGuest, UserNotFound
from app.user.models import User
from app.user.policy import Viewer, ensure_not_staffs
from app.user.service.account_entry import AccountEntryService
from app.user.service.roles import RoleService
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.suspension_check import SuspensionCheck

log = structlog.get_logger(__name__)

NONCE_LIFETIME = timedelta(minutes=10)
ADMIN_NICKNAME = "運営"


@dataclass(frozen=True, slots=True)
class AdminMade:
    """Who became an admin, their role and status before, and which of their sign-in methods were
    closed.

    `before` is None for a new account.
    """

    user: User
    before: tuple[str, str] | None
    closed: Sequence[SignInMethod]


class AuthService(Service):
    _methods = Needs(SignInMethodService)
    _accounts = Needs(AccountEntryService)
    _roles = Needs(RoleService)
    _suspensions = Needs(SuspensionCheck)
    _tokens = Needs(TokenService)
    _links = Needs(MailedLinkService)
    _mails = Needs(MailService)
    _guesses = Needs(GuessService)
    _closing = Needs(ClosingService)
    _social = Needs(SocialRepository)

    async def register(self, form: Register, user_agent: str) -> SignedIn:
        """Make an account by e-mail.

        Raises SignUpClosed, MailBusy, NicknameReserved, PasswordTooWeak, TextNotAllowed,
        EmailTaken.
        """
        ensure_sign_up_open(self._ctx.settings)
        await self._mails.ensure_may_sign_up(last=False)
        password_hash = await self._hash(form)
        await self._closing.make_room(form.email)
        user = await self._accounts.add_member(
            form.email, password_hash, form.nickname, form.terms_version
        )
        await self._links.mail_after_sign_up(user)
        return await self._tokens.sign_in(
            user, user_agent, EntryMethod.EMAIL, RecordedAct.SIGNED_UP
        )

    async def login(self, form: Login, user_agent: str) -> SignedIn:
        """Sign in by e-mail. An unknown address takes as long as a wrong password.

        Raises InvalidCredentials; RateLimited after too many wrong passwords in a row, even if this
        one is right; and AccountSuspended, but only after a right password.
        """
        await self._guesses.ensure_no_wait(form.email)
        found = await self._accounts.find_by_email(form.email)
        await self._ctx.release_connection()
        password_hash = found.password_hash if found else None
        is_right = await self._ctx.process.passwords.verify(
            form.password, password_hash, self._ctx.caller_network
        )
        if not is_right or found is None:
            await self._guesses.count_wrong(form.email)
            _note_failure("unknown address" if found is None else "wrong password")
            raise InvalidCredentials
        new_hash = await self._hash_again(form.password, found.password_hash)
        # The password may have been changed while it was checked. Then this sign-in must fail: the
        # owner relies on it that the old password opens no session any more.
        user = await self._accounts.lock_by_email(form.email)
        if user is None or user.password_hash != password_hash:
            _note_failure("the password has just changed")
            raise InvalidCredentials
        try:
            self._suspensions.ensure_not_suspended(user)
        except AccountSuspended:
            _note_failure("suspended")
            raise
        if new_hash is not None:
            await self._accounts.set_password(user, new_hash)
        await self.forget_wrong_passwords(form.email)
        return await self._tokens.sign_in(user, user_agent, EntryMethod.EMAIL)

    async def _hash_again(self, password: str, stored: str | None) -> str | None:
        """Our own hash of a right password, if another system made the stored one."""
        if stored is None or not self._ctx.process.passwords.is_foreign(stored):
            return None
        return await self._ctx.process.passwords.hash(password, self._ctx.caller_network)

    async def enter_as_guest(self, user_agent: str) -> SignedIn:
        """Make an account without any credentials. It is lost with its tokens."""
        guest = await self._accounts.add_guest()
        return await self._tokens.sign_in(
            guest, user_agent, EntryMethod.GUEST, RecordedAct.SIGNED_UP
        )

    async def upgrade_guest(self, viewer: Viewer, form: Register, user_agent: str) -> SignedIn:
        """Make a guest a member with the same id. The guest's sessions end.

        Raises NotAGuest, SignUpClosed, MailBusy, NicknameReserved, PasswordTooWeak, TextNotAllowed,
        EmailTaken, SessionRevoked, AccountSuspended.
        """
        if not viewer.is_guest:
            raise NotAGuest
        ensure_sign_up_open(self._ctx.settings)
        await self._mails.ensure_may_sign_up(last=False)
        password_hash = await self._hash(form)
        await self._closing.make_room(form.email)
        user = await self._accounts.lock_guest(viewer)
        await self._tokens.end_all_sessions(user.id)
        await self._accounts.make_member(
            user, form.email, password_hash, form.nickname, form.terms_version
        )
        await self._links.mail_after_sign_up(user)
        return await self._tokens.sign_in(
            user, user_agent, EntryMethod.EMAIL, RecordedAct.SIGNED_UP
        )

    async def create_admin(self, email: str, password: str) -> AdminMade:
        """Make an admin, or make the e-mail account with this address an admin.

        The account gets this password. Its sessions end; the caller ends a suspension. All its
        other sign-in methods are closed: the address may be unverified, and its account a
        stranger's. From now on it counts as verified: the operator vouches for it. Raises
        PasswordTooWeak.
        """
        found = await self._accounts.find_by_email(email)
        ensure_strong(password, email, found.nickname if found else "")
        password_hash = await self._ctx.process.passwords.hash(password, self._ctx.caller_network)
        user = await self._lock_account(email)
        before = (user.role, user.status) if user else None
        if user is None:
            await self._closing.make_room(email)
            terms = self._ctx.settings.terms_version
            user = await self._accounts.add_member(
                email, password_hash, ADMIN_NICKNAME, terms, Role.ADMIN
            )
        await self._accounts.set_password(user, password_hash)
        await self._roles.make_admin(user)
        closed = await self._closing.keep_only_email(user)
        await self._accounts.mark_email_verified(user, self._ctx.clock())
        await self._tokens.end_all_sessions(user.id)
        return AdminMade(user, before, closed)

    async def _lock_account(self, email: str) -> User | None:
        """The account with this address, if there is one, locked so that its sign-in methods can be
        closed.

        It is looked for again: it may have come or gone while the password was hashed, and the
        address may be another account's after the wait for the lock.
        """
        while (found := await self._accounts.find_by_email(email)) is not None:
            with suppress(UserNotFound):
                await self._methods.lock_other_exclusively(found.id)
            locked = await self._accounts.lock_by_email(email)
            if locked is None or locked.id == found.id:
                return locked
        return None

    async def create_nonce(self) -> NonceCreated:
        nonce = new_opaque_token()
        await self._social.add_nonce(hash_of(nonce), self._ctx.clock() + NONCE_LIFETIME)
        return NonceCreated(nonce=nonce, expires_in=int(NONCE_LIFETIME.total_seconds()))

    async def forget_wrong_passwords(self, email: str) -> None:
        """End the wait for an address whose owner has shown that it is theirs."""
        await self._guesses.forget(email)

    async def _hash(self, form: Register) -> str:
        ensure_not_staffs(form.nickname, self._ctx.settings.app_name)
        ensure_strong(form.password, form.email, form.nickname)
        await self._ctx.release_connection()
        return await self._ctx.process.passwords.hash(form.password, self._ctx.caller_network)


def _note_failure(reason: str) -> None:
    """An event of its own in the log, for those who watch for attacks. It names no user."""
    log.warning("sign_in_failed", way="password", reason=reason)
    SIGN_INS_FAILED.labels("password").inc()
