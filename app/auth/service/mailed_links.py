"""Links that are mailed: verifying an address, resetting a password, leaving.

A job makes the token and mails it. So a token is stored nowhere but in the mail. A job that runs
twice mails two tokens, and both work.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.auth.enums import MailKind, MailPurpose
from app.auth.exceptions import InvalidToken
from app.auth.repository.mails import MailRepository
from app.auth.rows import MailedTo
from app.auth.service.mails import MailService, name_for_mail
from app.core.texts import Text
from app.core.tokens import hash_of, new_opaque_token
from app.integrations.mail.render import render_mail
from app.jobs.enqueue import enqueue
from app.runtime.context import Needs, Service
from app.user.exceptions import UserNotFound
from app.user.models import User
from app.user.policy import has_lapsed
from app.user.service.sessions import SessionService
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.users import UserService

MAIL_TOKEN = "auth.mail_token"


@dataclass(frozen=True, slots=True)
class TokenToMail:
    """The payload of MAIL_TOKEN. Without a user the job does nothing."""

    user_id: UUID | None
    purpose: MailPurpose


@dataclass(frozen=True, slots=True)
class Link:
    """What a mailed link is: how long it works, the page that it opens, and its button."""

    lifetime: timedelta
    page: str
    button: Text


# The pages are ours: the mail may be read on another device than the phone with the app.
LINKS = {
    MailPurpose.VERIFY_EMAIL: Link(
        timedelta(hours=24),
        "/account/verify-email",
        Text("メールアドレスを確認する", "Confirm address"),
    ),
    MailPurpose.RESET_PASSWORD: Link(
        timedelta(minutes=30),
        "/account/reset-password",
        Text("新しいパスワードを設定する", "Set a new password"),
    ),
    MailPurpose.CHANGE_EMAIL: Link(
        timedelta(minutes=30),
        "/account/change-email",
        Text("新しいアドレスを確認する", "Confirm new address"),
    ),
    MailPurpose.LEAVE: Link(
        timedelta(hours=24),
        "/account/delete/confirm",
        Text("アカウントの削除に進む", "Continue to delete your account"),
    ),
}


BY_PASSWORD = (MailPurpose.RESET_PASSWORD, MailPurpose.LEAVE)
"""Mailed only to the address of an account with a password, and only if it proves the owner."""


class MailedLinkService(Service):
    _users = Needs(UserService)
    _methods = Needs(SignInMethodService)
    _sessions = Needs(SessionService)
    _mails = Needs(MailService)
    _mailed = Needs(MailRepository)

    async def mail(self, user: User | None, email: str, purpose: MailPurpose) -> None:
        """Enqueue a mail with a link, unless there is no user or too many were sent.

        A job is enqueued in any case. Otherwise the time of the answer would show whether there is
        such an account, or whether its owner asked a moment ago.
        """
        allowed = await self._mails.may_mail(email, MailKind(purpose))
        user_id = user.id if user and allowed else None
        await enqueue(self._ctx.db, MAIL_TOKEN, TokenToMail(user_id, purpose))

    async def ensure_may_sign_up(self) -> None:
        """Before the password of a new address is hashed. Raises MailBusy."""
        await self._mails.ensure_may_sign_up(last=False)

    async def mail_after_sign_up(self, user: User) -> None:
        """Enqueue the mail that asks a new member to confirm the address. Raises MailBusy."""
        await self._mails.ensure_may_sign_up(last=True)
        if await self._mails.may_mail(user.email or "", MailKind.SIGNED_UP):
            await self._mails.count_sign_up()
            payload = TokenToMail(user.id, MailPurpose.VERIFY_EMAIL)
            await enqueue(self._ctx.db, MAIL_TOKEN, payload)

    async def send(self, user_id: UUID, purpose: MailPurpose) -> None:
        """The job behind `mail`: make a token and mail it to its user.

        Mails nothing if the link would not work or the address is verified already: the job may
        run hours later. The job and not the request finds out whether the address proves the owner.
        Otherwise the time of the answer would show it.
        """
        user = await self._mails.find_addressee(user_id)
        if user is None or user.email is None:
            return
        if purpose == MailPurpose.VERIFY_EMAIL and user.email_verified_at is not None:
            return
        to = MailedTo(user_id, user.email)
        if await self._is_still_theirs(purpose, to, user):
            await self.send_to(user, purpose, to)

    async def send_to(self, user: User, purpose: MailPurpose, to: MailedTo) -> None:
        """In a job: make a token, commit it, and mail it to an address of the user."""
        assert to.email is not None
        link = LINKS[purpose]
        token = await self.make_token(to, purpose, lifetime=link.lifetime)
        # So the link works when the mail arrives.
        await self._ctx.commit_and_release()
        await self._mails.send(
            render_mail(
                purpose,
                to.email,
                user.locale,
                brand=self._ctx.settings.brand,
                nickname=name_for_mail(user),
                link=f"{self._ctx.settings.base_url}{link.page}?token={token}",
                button=link.button.en if user.locale == "en" else link.button.ja,
            )
        )

    async def make_token(self, of: MailedTo, purpose: MailPurpose, *, lifetime: timedelta) -> str:
        """A token that works once, for one purpose."""
        token = new_opaque_token()
        expires_at = self._ctx.clock() + lifetime
        await self._mailed.add_token(purpose, hash_of(token), expires_at, of)
        return token

    async def get_owner(self, purpose: MailPurpose, token: str) -> User:
        """Whose token it is. Raises InvalidToken, also if the user has left.

        A token that was mailed to an address which is the user's no more is not valid. One that a
        session asked for is valid while that session lives.
        """
        mailed = await self.get_mailed(purpose, token)
        try:
            user = await self._users.get_user(mailed.user_id)
        except UserNotFound:
            raise InvalidToken from None
        await self._ensure_still_good(purpose, mailed, user)
        return user

    async def get_mailed(self, purpose: MailPurpose, token: str) -> MailedTo:
        """Raises InvalidToken."""
        now = self._ctx.clock()
        mailed = await self._mailed.find_owner(purpose, hash_of(token), now)
        if mailed is None:
            raise InvalidToken
        return mailed

    async def use_token(self, purpose: MailPurpose, token: str) -> User:
        """Use the token up. Returns its user, locked. Raises InvalidToken.

        If two requests use a token at once, one of them fails. The user is locked before the token,
        because erasing a user locks them in this order, too.
        """
        mailed = await self.get_mailed(purpose, token)
        try:
            user = await self._users.lock(mailed.user_id)
        except UserNotFound:
            raise InvalidToken from None
        await self._ensure_still_good(purpose, mailed, user)
        await self._use(purpose, token)
        return user

    async def use_leave_token(self, token: str) -> User:
        """Use up a token that ends an account, and begin to leave. Raises InvalidToken.

        Returns its user, whose row is not locked. The exclusive lock comes before the token's row,
        as when an account is erased, and before the checks: the owner may be changing the address
        meanwhile.
        """
        user_id = (await self.get_mailed(MailPurpose.LEAVE, token)).user_id
        await self._users.exclusive(user_id)
        user = await self.get_owner(MailPurpose.LEAVE, token)
        await self._use(MailPurpose.LEAVE, token)
        return user

    async def forget(self, user_id: UUID, purpose: MailPurpose) -> None:
        """The links for this purpose that were mailed so far don't work any more."""
        await self._mailed.forget_tokens(user_id, purpose)

    async def _ensure_still_good(self, purpose: MailPurpose, mailed: MailedTo, user: User) -> None:
        """Raises InvalidToken."""
        if purpose == MailPurpose.CHANGE_EMAIL:
            # The new address is not the user's yet. A stranger may have asked in a stolen session,
            # so the link ends with it, as when the owner ends all sessions.
            is_good = await self._sessions.lock_open(user.id, mailed.session_id)
        else:
            is_good = await self._is_still_theirs(purpose, mailed, user)
        if not is_good:
            raise InvalidToken

    async def _is_still_theirs(self, purpose: MailPurpose, mailed: MailedTo, user: User) -> bool:
        """Whether the user has the address that the token was mailed to, as they had it then."""
        if mailed.email is None:
            return True
        if mailed.email != user.email or has_lapsed(user, self._ctx.clock()):
            return False
        if purpose not in BY_PASSWORD:
            return True
        # The user may have closed the e-mail sign-in, and taken its address again: without a
        # password, or as one that is not verified yet.
        return user.password_hash is not None and await self._methods.may_prove_by_email(user)

    async def _use(self, purpose: MailPurpose, token: str) -> None:
        if not await self._mailed.use_token(purpose, hash_of(token), self._ctx.clock()):
            raise InvalidToken
