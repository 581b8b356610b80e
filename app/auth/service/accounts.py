"""One's password and e-mail address: changing, forgetting and resetting, verifying.

What is mailed is mailed by jobs, which make the token themselves: a token is nowhere but in the
mail, and a job that runs twice mails two good ones.
"""

from datetime import timedelta
from uuid import UUID

from app.auth.enums import MailKind, MailPurpose
from app.auth.exceptions import InvalidToken, WrongPassword
from app.auth.policy import ensure_strong
from app.auth.repository import AuthRepository
from app.auth.service.mails import MailService
from app.auth.service.sessions import MAIL_TOKEN, AuthService
from app.core.tokens import hash_of, new_opaque_token
from app.integrations.mail import render_mail
from app.jobs import enqueue
from app.runtime.context import Context, Needs
from app.user.exceptions import UserNotFound
from app.user.models import User
from app.user.policy import Viewer
from app.user.service import IdentityService, UserService

MAIL_PASSWORD_CHANGED = "auth.mail_password_changed"

LIFETIMES = {
    MailPurpose.VERIFY_EMAIL: timedelta(hours=24),
    MailPurpose.RESET_PASSWORD: timedelta(minutes=30),
    MailPurpose.LEAVE: timedelta(hours=24),
}
PAGES = {
    MailPurpose.VERIFY_EMAIL: "/account/verify-email",
    MailPurpose.RESET_PASSWORD: "/account/reset-password",
    MailPurpose.LEAVE: "/account/delete/confirm",
}
"""Where a mail's link leads: pages of ours, for whoever reads mail elsewhere than on the phone."""

BUTTONS = {
    MailPurpose.VERIFY_EMAIL: ("メールアドレスを確認する", "Confirm the address"),
    MailPurpose.RESET_PASSWORD: ("新しいパスワードを設定する", "Choose a new password"),
    MailPurpose.LEAVE: ("退会の手続きに進む", "Go on to delete the account"),
}


class AccountService:
    _users = Needs(UserService)
    _identities = Needs(IdentityService)
    _sessions = Needs(AuthService)
    _mails = Needs(MailService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._auth = AuthRepository(ctx.session)

    async def ensure_password(self, viewer: Viewer, password: str) -> str | None:
        """The hash that it was checked against. Raises WrongPassword, for an account without a
        password too, and SessionRevoked.

        The connection is let go while the password is checked.
        """
        password_hash = (await self._users.get_caller(viewer)).password_hash
        await self._ctx.release_connection()
        if not await self._ctx.passwords.verify(password, password_hash, self._ctx.caller):
            raise WrongPassword
        return password_hash

    async def change_password(self, viewer: Viewer, current: str, new: str) -> None:
        """Other sessions end, and the owner is told.

        Raises WrongPassword, PasswordTooWeak, SessionRevoked.
        Of several at once one wins, and nobody undoes a reset by the password of before.
        """
        checked = await self.ensure_password(viewer, current)
        user = await self._users.get_caller(viewer)
        ensure_strong(new, user.email or "", user.nickname, field="new_password")
        await self._ctx.release_connection()
        password_hash = await self._ctx.passwords.hash(new, self._ctx.caller)
        user = await self._users.lock_caller(viewer)
        if user.password_hash != checked:
            raise WrongPassword
        await self._identities.set_password(user, password_hash)
        await self._sessions.end_other_sessions(viewer.user_id, but=viewer.session_id)
        if await self.may_tell(user, MailKind.PASSWORD_CHANGED):
            payload = {"user_id": str(viewer.user_id)}
            await enqueue(self._ctx.session, MAIL_PASSWORD_CHANGED, payload)

    async def forget_password(self, email: str) -> None:
        """Mail a link if there is such an account and none was mailed just now.

        The answer takes the same time in every case.
        """
        user = await self._identities.find_by_email(email)
        await self._mail_token(user, email, MailPurpose.RESET_PASSWORD)

    async def reset_password(self, token: str, new: str) -> None:
        """All sessions end. Raises InvalidToken, PasswordTooWeak; a weak one uses up no token."""
        user = await self._owner(MailPurpose.RESET_PASSWORD, token)
        ensure_strong(new, user.email or "", user.nickname, field="new_password")
        await self._ctx.release_connection()
        password_hash = await self._ctx.passwords.hash(new, self._ctx.caller)
        # Used only now, so that of two at once one wins.
        user = await self._hold_owner(MailPurpose.RESET_PASSWORD, token)
        await self._use(MailPurpose.RESET_PASSWORD, token)
        await self._identities.set_password(user, password_hash)
        await self._identities.mark_email_verified(user, self._ctx.clock())
        await self._sessions.forget_wrong_passwords(user.email or "")
        await self._sessions.end_other_sessions(user.id, but=None)
        await enqueue(self._ctx.session, MAIL_PASSWORD_CHANGED, {"user_id": str(user.id)})

    async def verify_email(self, token: str) -> None:
        """Raises InvalidToken."""
        user = await self._hold_owner(MailPurpose.VERIFY_EMAIL, token)
        await self._use(MailPurpose.VERIFY_EMAIL, token)
        await self._identities.mark_email_verified(user, self._ctx.clock())

    async def resend_verification(self, viewer: Viewer) -> None:
        """Mail the link again, if there is an address that is not verified yet; not too often.

        Raises SessionRevoked.
        """
        await self._users.begin_write(viewer)
        user = await self._users.get_caller(viewer)
        unverified = user if user.email is not None and user.email_verified_at is None else None
        await self._mail_token(unverified, user.email or str(user.id), MailPurpose.VERIFY_EMAIL)

    async def mail_leave_link(self, email: str) -> None:
        """For those who removed the app: a link to the page that ends the account."""
        user = await self._identities.find_by_email(email)
        await self._mail_token(user, email, MailPurpose.LEAVE)

    async def may_tell(self, user: User, kind: MailKind) -> bool:
        """Whether to mail a user what has happened to their account.

        The owner of a verified address is always told. An unverified address may be somebody
        else's, so these mails are limited like all others.
        """
        if user.email is None or user.email_verified_at is not None:
            return True
        return await self._mails.may_mail(user.email, kind)

    async def use_leave_token(self, token: str) -> UUID:
        """Whose account is to end; they write nothing until it has. Raises InvalidToken."""
        user_id = (await self._owner(MailPurpose.LEAVE, token)).id
        # Before the token's row is locked: erasing has this lock when it deletes the row.
        await self._users.begin_leaving(user_id)
        await self._use(MailPurpose.LEAVE, token)
        return user_id

    async def ensure_token(self, purpose: MailPurpose, token: str) -> None:
        """Raises InvalidToken for a link that leads nowhere."""
        await self._owner(purpose, token)

    async def make_token(self, user_id: UUID, purpose: MailPurpose, *, lifetime: timedelta) -> str:
        """A token that works once, for one purpose."""
        token = new_opaque_token()
        expires_at = self._ctx.clock() + lifetime
        await self._auth.add_mail_token(user_id, purpose, hash_of(token), expires_at)
        return token

    # The jobs

    async def send_token(self, user_id: UUID, purpose: MailPurpose) -> None:
        """Make a token and mail it to its user."""
        user = await self._find_addressee(user_id)
        if user is None or user.email is None:
            return
        # It is written before it is mailed, so that the link is good as soon as one has it.
        token = await self.make_token(user_id, purpose, lifetime=LIFETIMES[purpose])
        link = f"{self._ctx.settings.base_url}{PAGES[purpose]}?token={token}"
        ja, en = BUTTONS[purpose]
        await self._ctx.mailer.send(
            render_mail(
                purpose,
                user.email,
                user.locale,
                nickname=_name_for_mail(user),
                link=link,
                button=en if user.locale == "en" else ja,
            )
        )

    async def send_password_changed(self, user_id: UUID) -> None:
        """Tell the owner of an account, in case it was not them."""
        user = await self._find_addressee(user_id)
        if user is None or user.email is None:
            return
        # Sending takes its time, and needs no connection meanwhile.
        await self._ctx.release_connection()
        await self._ctx.mailer.send(
            render_mail("password_changed", user.email, user.locale, nickname=_name_for_mail(user))
        )

    async def _find_addressee(self, user_id: UUID) -> User | None:
        try:
            return await self._users.get_user(user_id)
        except UserNotFound:
            return None

    async def _mail_token(self, user: User | None, email: str, purpose: MailPurpose) -> None:
        allowed = await self._mails.may_mail(email, MailKind(purpose))
        # A job is enqueued even if nothing is to be mailed: the time that the answer takes must
        # not tell whether there is such an account, or whether its owner asked a moment ago.
        user_id = str(user.id) if user and allowed else None
        payload = {"user_id": user_id, "purpose": purpose}
        await enqueue(self._ctx.session, MAIL_TOKEN, payload)

    async def _owner(self, purpose: MailPurpose, token: str) -> User:
        """Whose token it is. Raises InvalidToken, for one who has left too."""
        now = self._ctx.clock()
        user_id = await self._auth.find_mail_token(purpose, hash_of(token), now)
        if user_id is None:
            raise InvalidToken
        try:
            return await self._users.get_user(user_id)
        except UserNotFound:
            raise InvalidToken from None

    async def _hold_owner(self, purpose: MailPurpose, token: str) -> User:
        """As `_owner`, and they can't leave until the transaction ends. Raises InvalidToken.

        Call this before `_use`: erasing a user locks the user first, and then their tokens.
        """
        owner = await self._owner(purpose, token)
        try:
            return await self._users.lock_present(owner.id)
        except UserNotFound:
            raise InvalidToken from None

    async def _use(self, purpose: MailPurpose, token: str) -> None:
        """Of two at once one wins. Raises InvalidToken."""
        if not await self._auth.use_mail_token(purpose, hash_of(token), self._ctx.clock()):
            raise InvalidToken


def _name_for_mail(user: User) -> str:
    """The nickname; "" for an address that is not verified.

    A person who signs up chooses the address and the nickname, and could write to strangers.
    """
    return user.nickname if user.email_verified_at is not None else ""
