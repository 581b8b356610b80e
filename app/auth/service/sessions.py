"""Signing up, in and out; sessions and the rotation of their refresh tokens.

A session is a chain of refresh tokens, each exchanged once for the next. A token that comes back
after its exchange means that two parties hold it, and ends its session; but within a leeway a
phone that lost the answer, or asked twice at once, gets another working pair (RFC 9700, 4.14).
"""

import math
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.auth.enums import MailKind, MailPurpose
from app.auth.exceptions import InvalidCredentials, InvalidRefreshToken, RefreshTokenReused
from app.auth.models import RefreshToken
from app.auth.policy import ensure_strong, wait_after
from app.auth.repository import AuthRepository
from app.auth.schemas import Login, NonceCreated, Register, SignedIn, TokenPair
from app.auth.service.mails import MailService
from app.core.errors import RateLimited
from app.core.keyset import PageRequest, Slice
from app.core.tokens import ACCESS_LIFETIME, AccessClaims, hash_of, new_opaque_token
from app.jobs import enqueue
from app.notification.service import DeviceService
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.user.enums import Role, UserStatus
from app.user.exceptions import AccountSuspended, NotAGuest, SessionNotFound
from app.user.models import User, UserSession
from app.user.policy import Viewer, ensure_not_staffs
from app.user.rows import EndedSession, SessionRow
from app.user.schemas import me_of
from app.user.service import IdentityService, SessionService, StandingService, UserService

log = structlog.get_logger(__name__)

REFRESH_LIFETIME = timedelta(days=7)
REUSE_LEEWAY = timedelta(seconds=30)
MAIL_TOKEN = "auth.mail_token"
NONCE_LIFETIME = timedelta(minutes=10)
FORGET_MORE = "auth.forget_more"
BATCH = 500
"""How many rows of each kind the clean-up deletes, or ends, in one transaction."""

WRONG_REMEMBERED = timedelta(hours=24)
"""How long after the last one wrong passwords count as being in a row."""

ADMIN_NICKNAME = "運営"


class AuthService:
    _users = Needs(UserService)
    _identities = Needs(IdentityService)
    _sessions = Needs(SessionService)
    _standing = Needs(StandingService)
    _devices = Needs(DeviceService)
    _records = Needs(RecordService)
    _mails = Needs(MailService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._auth = AuthRepository(ctx.session)

    async def register(self, form: Register, user_agent: str) -> SignedIn:
        """A new account by e-mail. Raises NicknameReserved, PasswordTooWeak, EmailTaken."""
        password_hash = await self._hash(form)
        user = await self._identities.add_member(
            form.email, password_hash, form.nickname, form.terms_version
        )
        await self._mail_verification(user)
        return await self.sign_in(user, user_agent, Act.SIGNED_UP)

    async def login(self, form: Login, user_agent: str) -> SignedIn:
        """Sign in by e-mail. An unknown address takes as long as a wrong password.

        Raises RateLimited after too many wrong ones in a row, whatever the password is now,
        InvalidCredentials, and AccountSuspended after a right password only.
        """
        await self._ensure_no_wait(form.email)
        found = await self._identities.find_by_email(form.email)
        await self._ctx.release_connection()
        password_hash = found.password_hash if found else None
        is_right = await self._ctx.passwords.verify(form.password, password_hash, self._ctx.caller)
        if not is_right or found is None:
            await self._count_wrong_password(form.email)
            raise InvalidCredentials
        # Read again: much may have happened while the password was checked. It may be another one
        # by now, whose owner believes that all who knew the old one are out.
        user = await self._identities.lock_by_email(form.email)
        if user is None or user.password_hash != password_hash:
            raise InvalidCredentials
        if user.status == UserStatus.SUSPENDED:
            raise AccountSuspended(user.suspension_reason)
        await self.forget_wrong_passwords(form.email)
        return await self.sign_in(user, user_agent)

    async def enter_as_guest(self, user_agent: str) -> SignedIn:
        """An account without any proof of who it is: it lives as long as its tokens."""
        return await self.sign_in(await self._identities.add_guest(), user_agent, Act.SIGNED_UP)

    async def upgrade_guest(self, viewer: Viewer, form: Register, user_agent: str) -> SignedIn:
        """Make a guest a member under the same id; the guest's sessions end.

        Raises NotAGuest, NicknameReserved, PasswordTooWeak, EmailTaken, SessionRevoked.
        """
        if not viewer.is_guest:
            raise NotAGuest
        password_hash = await self._hash(form)
        user = await self._identities.upgrade_guest(
            viewer, form.email, password_hash, form.nickname, form.terms_version
        )
        await self.end_other_sessions(viewer.user_id, but=None)
        await self._mail_verification(user)
        return await self.sign_in(user, user_agent, Act.SIGNED_UP)

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Exchange a refresh token for the next pair.

        Raises InvalidRefreshToken, AccountSuspended, and RefreshTokenReused, which ends the
        session.
        """
        token = await self._auth.lock_refresh_token(hash_of(refresh_token))
        if token is None or token.expires_at <= self._ctx.clock():
            raise InvalidRefreshToken
        living = await self._sessions.lock(token.session_id)
        if living is None or living[0].created_at <= self._sessions.oldest_start():
            raise InvalidRefreshToken
        session, user = living
        if user.status == UserStatus.SUSPENDED:
            raise AccountSuspended(user.suspension_reason)
        await self._rotate(token, session)
        return await self._issue(user, session)

    async def logout(self, refresh_token: str) -> None:
        """End the token's session, and forget its device. An unknown token is no error."""
        token = await self._auth.lock_refresh_token(hash_of(refresh_token))
        living = token and await self._sessions.lock(token.session_id)
        if living:
            session = living[0]
            await self._end(session)
            await self._records.note(Act.SIGNED_OUT, Subject.SESSION, session.id, session.user_id)

    async def list_sessions(self, viewer: Viewer, page: PageRequest) -> Slice[SessionRow]:
        return await self._sessions.list_page(viewer, page)

    async def end_session(self, viewer: Viewer, session_id: UUID) -> None:
        """End one of the caller's sessions. Raises SessionNotFound, SessionRevoked."""
        await self._users.begin_write(viewer)
        await self._sessions.end(viewer.user_id, session_id)
        await self._devices.delete_of_sessions([session_id])
        await self._records.note(Act.SIGNED_OUT, Subject.SESSION, session_id, viewer.user_id)

    async def sign_out_elsewhere(self, viewer: Viewer) -> None:
        """End the caller's other sessions. Raises SessionRevoked."""
        await self._users.begin_write(viewer)
        await self.end_other_sessions(viewer.user_id, but=viewer.session_id)

    async def end_other_sessions(self, user_id: UUID, *, but: UUID | None) -> None:
        """End all of a user's sessions, or all but one."""
        ended = await self._sessions.end_all(user_id, but=but)
        await self._devices.delete_of_sessions(ended)

    async def create_nonce(self) -> NonceCreated:
        nonce = new_opaque_token()
        await self._auth.add_nonce(hash_of(nonce), self._ctx.clock() + NONCE_LIFETIME)
        return NonceCreated(nonce=nonce, expires_in=int(NONCE_LIFETIME.total_seconds()))

    async def create_admin(
        self, email: str, password: str
    ) -> tuple[UUID, dict[str, str], dict[str, str]]:
        """Make an admin, or make the e-mail account with this address one.

        Its password becomes the given one, its sessions end, and a suspension does. Returns who,
        and what they were before and are now. Raises PasswordTooWeak.
        """
        found = await self._identities.find_by_email(email)
        ensure_strong(password, email, found.nickname if found else "")
        password_hash = await self._ctx.passwords.hash(password, self._ctx.caller)
        # Read again: they may have left while the password was hashed.
        user = await self._identities.lock_by_email(email)
        before = {} if user is None else {"role": user.role, "status": user.status}
        if user is None:
            user = await self._identities.add_member(
                email,
                password_hash,
                ADMIN_NICKNAME,
                self._ctx.settings.terms_version,
                Role.ADMIN,
            )
        await self._standing.make_admin(user, password_hash)
        await self.end_other_sessions(user.id, but=None)
        return user.id, before, {"role": user.role, "status": user.status}

    async def forget_what_is_over(self, after: EndedSession | None = None) -> None:
        """Remove expired tokens and nonces, and sessions that ended long enough ago.

        Sessions that are too old (`LINKY_SESSION_MAX_DAYS`) are ended, and their devices go.

        Each transaction does a batch of each kind, so that no row is locked for long. A job does
        the rest: of the sessions those after the given time of their end, and id.
        """
        # First the tokens: a session is removed once it has none.
        has_more = await self._auth.delete_expired(self._ctx.clock(), BATCH)
        if not has_more:
            after = await self._forget_sessions(after)
        ended = await self._sessions.end_too_old(BATCH)
        await self._devices.delete_of_sessions(ended)
        if has_more or after or len(ended) == BATCH:
            place = after and [after.over_at.isoformat(), str(after.id)]
            await enqueue(self._ctx.session, FORGET_MORE, {"after": place})

    async def _forget_sessions(self, after: EndedSession | None) -> EndedSession | None:
        """The place to go on from, where there is more."""
        moment = self._ctx.clock() - REFRESH_LIFETIME
        over = await self._sessions.list_over_before(moment, after, BATCH)
        ids = [session.id for session in over]
        # Deleting these would wait for a sign-out that holds such a token and waits for us.
        kept = set(await self._auth.list_sessions_with_tokens(ids))
        await self._sessions.delete([one for one in ids if one not in kept])
        return over[-1] if len(over) == BATCH else None

    async def forget_wrong_passwords(self, email: str) -> None:
        """Who has proved to own an account need not wait for what others guessed."""
        await self._auth.forget_wrong_passwords(email)

    async def _ensure_no_wait(self, email: str) -> None:
        if self._ctx.settings.rate_limits == "off":
            return
        now = self._ctx.clock()
        until = await self._auth.find_wait(email, now)
        if until is not None:
            seconds = math.ceil((until - now).total_seconds())
            raise RateLimited(seconds)

    async def _count_wrong_password(self, email: str) -> None:
        """For an address without an account too, so that nobody learns which has one."""
        if self._ctx.settings.rate_limits == "off":
            return
        now = self._ctx.clock()
        in_a_row = await self._auth.count_wrong_password(email, now, now + WRONG_REMEMBERED)
        wait = wait_after(in_a_row)
        if wait:
            log.warning("password_guessing_slowed_down", wrong_in_a_row=in_a_row)
            await self._auth.make_wait(email, now + wait)

    async def _hash(self, form: Register) -> str:
        ensure_not_staffs(form.nickname)
        ensure_strong(form.password, form.email, form.nickname)
        return await self._ctx.passwords.hash(form.password, self._ctx.caller)

    async def _mail_verification(self, user: User) -> None:
        if await self._mails.may_mail(user.email or "", MailKind.SIGNED_UP):
            payload = {"user_id": str(user.id), "purpose": MailPurpose.VERIFY_EMAIL}
            await enqueue(self._ctx.session, MAIL_TOKEN, payload)

    async def _rotate(self, token: RefreshToken, session: UserSession) -> None:
        now = self._ctx.clock()
        if token.rotated_at is None:
            token.rotated_at = now
        elif now - token.rotated_at > REUSE_LEEWAY:
            log.warning("refresh_token_reused", session_id=str(session.id))
            await self._end(session)
            raise RefreshTokenReused

    async def _end(self, session: UserSession) -> None:
        try:
            await self._sessions.end(session.user_id, session.id)
        except SessionNotFound:
            return
        await self._devices.delete_of_sessions([session.id])

    async def sign_in(self, user: User, user_agent: str, act: Act = Act.SIGNED_IN) -> SignedIn:
        """Begin a session of somebody who has proved who they are."""
        expires_at = self._ctx.clock() + REFRESH_LIFETIME
        session = await self._sessions.start(user.id, user_agent, expires_at)
        await self._records.note(act, Subject.SESSION, session.id, user.id)
        return SignedIn(
            user=me_of(user, self._ctx.media_url), tokens=await self._issue(user, session)
        )

    async def _issue(self, user: User, session: UserSession) -> TokenPair:
        now = self._ctx.clock()
        session.last_used_at, session.expires_at = now, self._end_of(session)
        refresh_token = new_opaque_token()
        await self._auth.add_refresh_token(
            session.id, hash_of(refresh_token), now, session.expires_at
        )
        claims = AccessClaims(user.id, session.id, user.role, user.role == Role.GUEST)
        left = session.expires_at - now
        lifetime = min(ACCESS_LIFETIME, left)
        return TokenPair(
            access_token=self._ctx.tokens.encode(claims, lifetime),
            token_type="bearer",
            expires_in=int(lifetime.total_seconds()),
            refresh_token=refresh_token,
            refresh_expires_in=int(left.total_seconds()),
        )

    def _end_of(self, session: UserSession) -> datetime:
        """A week from now, or the end of the session's `LINKY_SESSION_MAX_DAYS` if that comes
        first.
        """
        end = self._ctx.clock() + REFRESH_LIFETIME
        days = self._ctx.settings.session_max_days
        return min(end, session.created_at + timedelta(days=days)) if days else end
