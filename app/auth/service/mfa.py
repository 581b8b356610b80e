"""The second step of admins: codes of an authenticator app, and recovery codes.

The user's row is locked before a code is looked at. So guesses come one after the other, and five
wrong ones are five, however many requests come at the same time.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn
from uuid import UUID

import structlog
from pydantic import TypeAdapter, ValidationError

from app.auth.exceptions import AlreadySetUp, WrongCode
from app.auth.models import Totp
from app.auth.repository.mfa import MfaRepository
from app.auth.service.guesses import GuessService
from app.auth.service.notices import NoticeService
from app.auth.service.tokens import TokenService
from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.core.json import to_json
from app.core.metrics import SIGN_INS_FAILED
from app.core.sealing import CannotOpen, Sealer
from app.core.tokens import hash_of
from app.core.totp import (
    RECOVERY_CODES,
    matching_step,
    new_recovery_code,
    new_secret,
    normal_code,
)
from app.notification.enums import AccountEvent
from app.runtime.context import Context, Needs, Service
from app.user.models import User
from app.user.policy import Viewer
from app.user.service.sessions import SessionService
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.users import UserService

log = structlog.get_logger(__name__)

DIGITS = 6
SETUP_LIFETIME = timedelta(minutes=30)
RESEAL_BATCH = 100


@dataclass(frozen=True, slots=True)
class Setup:
    """A secret that a page shows. It counts when its admin has sent a code of it."""

    secret: str
    sealed: str
    """The form sends it back: nothing is stored before the code is right."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What is sealed in a form: for which session the secret is, and until when."""

    session_id: UUID
    secret: str
    expires: int


_SEALED = TypeAdapter(_Sealed)


class MfaService(Service):
    _users = Needs(UserService)
    _sessions = Needs(SessionService)
    _methods = Needs(SignInMethodService)
    _tokens = Needs(TokenService)
    _guesses = Needs(GuessService)
    _notices = Needs(NoticeService)
    _records = Needs(ConnectionLogService)
    _mfa = Needs(MfaRepository)

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._sealer = Sealer(ctx.settings.signing_keys)

    async def verify(self, viewer: Viewer, code: str) -> None:
        """Let the caller's session pass the second step, by a code that works once.

        In a session that has passed already no code is used or counted: it came twice, since the
        first answer was lost. Raises SessionRevoked, AccountSuspended; WrongCode, also where no
        second step is set up; and RateLimited after five wrong codes in a row, even if this one is
        right.
        """
        await self._tokens.lock_sessions_of(viewer)
        user = await self._users.lock(viewer)
        if await self._sessions.has_passed_mfa(viewer):
            return
        await self._use(user, code)
        await self._sessions.note_mfa_passed(viewer)
        await self._records.note(RecordedAct.SIGNED_IN, Subject.SESSION, viewer.session_id, user.id)

    def begin(self, viewer: Viewer) -> Setup:
        """A new secret. Nothing changes before `confirm`."""
        return self._shown(viewer, new_secret())

    def resume(self, viewer: Viewer, sealed: str) -> Setup:
        """The secret of a form that is shown again. A new one if the form is too old."""
        secret = self._open(viewer, sealed)
        return self.begin(viewer) if secret is None else self._shown(viewer, secret)

    async def confirm(self, viewer: Viewer, sealed: str, code: str, present: str = "") -> list[str]:
        """Set the second step up, and let this session pass it. Returns ten recovery codes.

        `present` is a code of the second step that it replaces, if there is one. The codes and the
        passed sessions of before count no more. Raises SessionRevoked, AccountSuspended, WrongCode,
        RateLimited; and AlreadySetUp if the same form came before, whatever codes it has now.
        """
        await self._tokens.lock_sessions_of(viewer)
        user = await self._users.lock(viewer)
        secret, now = self._open(viewer, sealed), self._ctx.clock()
        if secret and await self._is_set_up(user.id, secret):
            raise AlreadySetUp
        await self._guesses.ensure_no_wait(_subject(user.id))
        step = secret and matching_step(secret, normal_code(code), now)
        if not secret or not step:
            await self._refuse(user)
        if user.mfa_since is not None:
            await self._use(user, present)
        await self._guesses.forget(_subject(user.id))
        await self._mfa.put_totp(user.id, self._sealer.key_id, self._sealer.seal(secret), step)
        await self._users.set_mfa_since(user, now)
        await self._sessions.forget_mfa_passed(user.id)
        await self._sessions.note_mfa_passed(viewer)
        codes = await self._make_recovery_codes(user.id)
        await self._note(user, AccountEvent.MFA_SET_UP)
        return codes

    async def renew_recovery_codes(self, viewer: Viewer, code: str) -> list[str]:
        """Ten new recovery codes, which replace all previous ones. Raises as `verify` does."""
        user = await self._users.lock(viewer)
        await self._use(user, code)
        return await self._make_recovery_codes(user.id)

    async def turn_off(self, viewer: Viewer, code: str) -> bool:
        """Remove the caller's second step. Raises as `verify` does.

        Returns False, and does nothing, if there is none: its form came twice.
        """
        await self._tokens.lock_sessions_of(viewer)
        user = await self._users.lock(viewer)
        if user.mfa_since is None:
            return False
        await self._use(user, code)
        await self._remove(user)
        return True

    async def reset(self, user: User) -> bool:
        """Remove the second step of someone who has lost it, and end all of their sessions.

        The user must be locked. Returns False, and does nothing, if there is none.
        """
        if user.mfa_since is None:
            return False
        await self._remove(user)
        await self._guesses.forget(_subject(user.id))
        await self._tokens.end_all_sessions(user.id)
        return True

    async def count_recovery_codes(self, user_id: UUID) -> int:
        """How many are left."""
        return await self._mfa.count_recovery_codes(user_id)

    async def reseal(self) -> None:
        """Seal again, under the present key, what is sealed under older keys."""
        after, unreadable = UUID(int=0), 0
        while rows := await self._mfa.lock_under_other_keys(
            self._sealer.key_id, after, RESEAL_BATCH
        ):
            for row in rows:
                try:
                    sealed = self._sealer.seal(self._sealer.open(row.sealed))
                except CannotOpen:
                    unreadable += 1
                    continue
                await self._mfa.seal(row, self._sealer.key_id, sealed)
            after = rows[-1].user_id
        if unreadable:
            log.warning("totp_secrets_unreadable", count=unreadable)

    async def _use(self, user: User, typed: str) -> None:
        """Use a code up. Raises WrongCode, RateLimited."""
        await self._guesses.ensure_no_wait(_subject(user.id))
        code = normal_code(typed)
        if len(code) == DIGITS:
            is_right = await self._use_step(user.id, code)
        else:
            is_right = await self._mfa.use_recovery_code(user.id, hash_of(code))
            if is_right:
                await self._note(user, AccountEvent.RECOVERY_CODE_USED)
        if not is_right:
            await self._refuse(user)
        await self._guesses.forget(_subject(user.id))

    async def _use_step(self, user_id: UUID, code: str) -> bool:
        totp = await self._mfa.find_totp(user_id)
        if totp is None or (secret := self._secret_of(totp)) is None:
            return False
        step = matching_step(secret, code, self._ctx.clock(), after=totp.last_step)
        return step is not None and await self._mfa.use_step(user_id, step)

    async def _is_set_up(self, user_id: UUID, secret: str) -> bool:
        """Whether this is the secret of the user's second step. Only one form ever had it."""
        totp = await self._mfa.find_totp(user_id)
        return totp is not None and self._secret_of(totp) == secret

    def _secret_of(self, totp: Totp) -> str | None:
        try:
            return self._sealer.open(totp.sealed)
        except CannotOpen:
            # The key is gone. The recovery codes still work, and `linky reset-mfa` does.
            log.error("totp_secret_unreadable", user_id=str(totp.user_id), key_id=totp.key_id)
            return None

    async def _refuse(self, user: User) -> NoReturn:
        """Raises WrongCode. The attempt is counted."""
        await self._guesses.count_wrong(_subject(user.id))
        log.warning("sign_in_failed", way="mfa", reason="wrong code")
        SIGN_INS_FAILED.labels("mfa").inc()
        raise WrongCode

    async def _make_recovery_codes(self, user_id: UUID) -> list[str]:
        codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        hashes = [hash_of(normal_code(code)) for code in codes]
        await self._mfa.replace_recovery_codes(user_id, hashes)
        return codes

    async def _remove(self, user: User) -> None:
        await self._mfa.delete(user.id)
        await self._users.set_mfa_since(user, None)
        await self._sessions.forget_mfa_passed(user.id)
        await self._note(user, AccountEvent.MFA_REMOVED)

    async def _note(self, user: User, event: AccountEvent) -> None:
        """Record what happened, notify the account, and mail it."""
        await self._records.note(RecordedAct.CHANGED, Subject.ACCOUNT, user.id, user.id)
        addresses = await self._methods.verified_addresses(user)
        if not addresses and user.email:
            # `linky create-admin` of an earlier release verified no address.
            addresses = [user.email]
        await self._notices.notify(user, addresses, event)

    def _shown(self, viewer: Viewer, secret: str) -> Setup:
        expires = int((self._ctx.clock() + SETUP_LIFETIME).timestamp())
        form = _Sealed(viewer.session_id, secret, expires)
        return Setup(secret, self._sealer.seal(to_json(form).decode()).decode())

    def _open(self, viewer: Viewer, sealed: str) -> str | None:
        """The secret in a form of this session. None if it is too old, or not ours."""
        try:
            form = _SEALED.validate_json(self._sealer.open(sealed))
        except (CannotOpen, ValidationError):
            return None
        is_ours = form.session_id == viewer.session_id
        return form.secret if is_ours and form.expires > self._ctx.clock().timestamp() else None


def _subject(user_id: UUID) -> str:
    """What is guessed at. No address looks like this."""
    return f"mfa:{user_id}"
