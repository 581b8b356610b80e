"""Tokens of Apple and LINE: stored encrypted, and used to notify them when the user leaves.

Apple requires this of apps in which users can delete their account (TN3194), LINE of all apps with
its login (its development guidelines). The tokens have no other use. No sign-in and no leaving
waits for either: a job redeems the code of Apple's SDK, and jobs notify them (ADR 0017).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from pydantic import TypeAdapter

from app.auth.models import ProviderToken
from app.auth.repository.provider_tokens import ProviderTokenRepository
from app.core.json import to_json
from app.core.sealing import CannotOpen, Sealer
from app.integrations.identity.apple import AppleProvider
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.id_tokens import VerifiedIdentity
from app.integrations.identity.line import LineProvider, LineToken, LineTokenKind
from app.jobs.definitions import GiveUp
from app.jobs.enqueue import enqueue
from app.runtime.batches import commit_batches
from app.runtime.context import Context, Needs, Service
from app.user.enums import SignInMethod
from app.user.exceptions import UserNotFound
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.users import UserService

log = structlog.get_logger(__name__)

REDEEM_APPLE_CODE = "auth.redeem_apple_code"
REVOKE_PROVIDER_TOKEN = "auth.revoke_provider_token"
UNLINK_AT_LINE = "auth.unlink_at_line"

KEPT: Final = {SocialProvider.APPLE, SocialProvider.LINE}
"""Whose tokens are stored when a browser brings them."""

CODE_LIFETIME = timedelta(minutes=5)
"""For how long Apple accepts a code."""

NOTIFY_LINE_FOR = timedelta(days=1)
"""For how long a job tries. Then the token is deleted: the user can still unlink it in LINE."""

_LINE_TOKEN = TypeAdapter(LineToken)

RESEAL_BATCH, RESEAL_BATCHES = 500, 1_000


@dataclass(frozen=True, slots=True)
class AppleCode:
    """The payload of REDEEM_APPLE_CODE."""

    user_id: UUID
    client_id: str
    sealed_code: str
    until: datetime


@dataclass(frozen=True, slots=True)
class KeptToken:
    """The payload of REVOKE_PROVIDER_TOKEN and UNLINK_AT_LINE."""

    token_id: UUID


class ProviderTokenService(Service):
    _users = Needs(UserService)
    _methods = Needs(SignInMethodService)
    _kept = Needs(ProviderTokenRepository)

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._sealer = Sealer(ctx.settings.signing_keys)

    async def keep(
        self, user_id: UUID, provider: SocialProvider, identity: VerifiedIdentity, token: str
    ) -> None:
        """Replace the stored token by the newest one. Revoking any of them is enough."""
        sealed = self._seal(provider, token, identity.subject)
        await self._kept.keep(user_id, provider, identity.client_id, self._sealer.key_id, sealed)

    async def revoke_at_once(
        self, provider: SocialProvider, identity: VerifiedIdentity, token: str
    ) -> None:
        """Revoke a token that no account here has. To sign in connected its person."""
        sealed = self._seal(provider, token, identity.subject)
        await self._revoke_later(provider, identity.client_id, sealed)

    def _seal(self, provider: SocialProvider, token: str, subject: str) -> bytes:
        """LINE's is sealed with whose it is: the sign-in method may be gone when it is used."""
        if provider != SocialProvider.LINE:
            return self._sealer.seal(token)
        return self._seal_lines(LineToken(token, LineTokenKind.REFRESH, subject))

    def _seal_lines(self, token: LineToken) -> bytes:
        return self._sealer.seal(to_json(token).decode())

    async def _revoke_later(self, provider: SocialProvider, client_id: str, sealed: bytes) -> None:
        expires_at = self._lines_until() if provider == SocialProvider.LINE else None
        token_id = await self._kept.add(
            ProviderToken(
                provider=provider,
                client_id=client_id,
                key_id=self._sealer.key_id,
                sealed=sealed,
                expires_at=expires_at,
            )
        )
        await self._notify_later(token_id, provider)

    async def _notify_later(self, token_id: UUID, provider: SocialProvider) -> None:
        job = UNLINK_AT_LINE if provider == SocialProvider.LINE else REVOKE_PROVIDER_TOKEN
        await enqueue(self._ctx.db, job, KeptToken(token_id))

    def _lines_until(self) -> datetime:
        return self._ctx.clock() + NOTIFY_LINE_FOR

    async def redeem_later(self, user_id: UUID, client_id: str, code: str) -> None:
        """Get the token for a code of Apple's SDK after this commits."""
        sealed = self._sealer.seal(code).decode()
        until = self._ctx.clock() + CODE_LIFETIME
        payload = AppleCode(user_id, client_id, sealed, until)
        await enqueue(self._ctx.db, REDEEM_APPLE_CODE, payload)

    async def revoke_all_of(
        self,
        user_id: UUID,
        provider: SocialProvider | None = None,
        line_access_token: str | None = None,
    ) -> bool:
        """Enqueue a job for each token of a leaver, or for those of a sign-in method that is
        closed.

        The tokens are the user's no more. One that comes when they link the provider again must
        not replace a token that still waits for its job. `line_access_token` is what the
        SDK gave the app: it is used for an account with only LINE, so call this before its sign-in
        method is removed. Returns whether LINE has this user, and nothing of it is known that tells
        LINE.
        """
        taken = await self._kept.take_from(user_id, provider, lines_until=self._lines_until())
        for token_id, of in taken:
            await self._notify_later(token_id, of)
        if provider not in (None, SocialProvider.LINE):
            return False
        subject = await self._methods.find_subject(user_id, SignInMethod.LINE)
        line = self._line()
        if subject is None:
            return False
        channel = self._ctx.settings.line_channel_id
        if line_access_token and channel and line.offers_browser():
            token = LineToken(line_access_token, LineTokenKind.ACCESS, subject)
            await self._revoke_later(SocialProvider.LINE, channel, self._seal_lines(token))
            return False
        return SocialProvider.LINE not in {of for _, of in taken}

    # The jobs

    async def redeem(self, apple: AppleCode) -> None:
        """The job behind `redeem_later`. If it fails, the user can still leave.

        Raises ProviderUnavailable, to be tried again while the code is good.
        """
        try:
            await self._users.get_user(apple.user_id)
            subject = await self._methods.find_subject(apple.user_id, SignInMethod.APPLE)
            code = self._sealer.open(apple.sealed_code)
        except (UserNotFound, CannotOpen):
            return
        if subject is None or self._ctx.clock() > apple.until:
            log.warning("apple_code_is_over", user_id=str(apple.user_id))
            return
        await self._ctx.release_connection()
        token = await self._apple().redeem_native(code, apple.client_id, subject)
        if token is not None:
            sealed = self._sealer.seal(token)
            await self._keep_or_revoke(apple, subject, sealed)

    async def _keep_or_revoke(self, apple: AppleCode, subject: str, sealed: bytes) -> None:
        """Keep the token if its user still has this sign-in method.

        They may have left or closed it while Apple answered. A token that is stored after that
        would never be revoked.
        """
        client_id, key_id = apple.client_id, self._sealer.key_id
        if await self._still_has(apple.user_id, subject):
            await self._kept.keep(apple.user_id, SocialProvider.APPLE, client_id, key_id, sealed)
        else:
            await self._revoke_later(SocialProvider.APPLE, client_id, sealed)

    async def _still_has(self, user_id: UUID, subject: str) -> bool:
        """Whether this id at Apple is the user's. If so, it stays so until this commits."""
        try:
            await self._users.lock(user_id)
        except UserNotFound:
            return False
        return await self._methods.find_subject(user_id, SignInMethod.APPLE) == subject

    async def revoke(self, token_id: UUID) -> None:
        """The job behind `revoke_all_of`: revoke the token at Apple, then delete it here.

        Raises ProviderUnavailable, to be tried again, and GiveUp for a token that can't be read.
        """
        kept = await self._kept.find(token_id)
        if kept is None:
            return
        try:
            token = self._sealer.open(kept.sealed)
        except CannotOpen:
            raise GiveUp(f"sealed under the key {kept.key_id}, which is not ours now") from None
        client_id = kept.client_id
        await self._ctx.release_connection()
        await self._apple().revoke(token, client_id)
        await self._kept.delete(token_id)
        log.info("apple_token_revoked", id=str(token_id))

    async def unlink(self, token_id: UUID) -> None:
        """The job behind `revoke_all_of` for LINE. The token is deleted when its day is over.

        Raises ProviderUnavailable, to be tried again, and GiveUp for a token that can't be read.
        """
        kept = await self._kept.find(token_id)
        if kept is None:
            return
        if kept.expires_at is None or self._ctx.clock() >= kept.expires_at:
            log.warning("line_not_told_in_time", id=str(token_id))
            await self._kept.delete(token_id)
            return
        await self._notify_line(kept)

    async def _notify_line(self, kept: ProviderToken) -> None:
        """Raises ProviderUnavailable, GiveUp."""
        token_id = kept.id
        try:
            token = _LINE_TOKEN.validate_json(self._sealer.open(kept.sealed))
        except CannotOpen:
            raise GiveUp(f"sealed under the key {kept.key_id}, which is not ours now") from None
        await self._ctx.release_connection()
        is_unlinked = await self._line().unlink(token)
        await self._kept.delete(token_id)
        log.info("line_unlinked" if is_unlinked else "line_token_ignored", id=str(token_id))

    async def reseal(self) -> None:
        """Seal again, under the present key, all that is sealed under older keys.

        Older keys are removed half an hour after a rotation (`linky rotate-keys --retire`).
        """
        after, unreadable = UUID(int=0), 0

        async def reseal() -> int:
            nonlocal after, unreadable
            rows = await self._kept.lock_under_other_keys(self._sealer.key_id, after, RESEAL_BATCH)
            unreadable += sum([not await self._reseal(row) for row in rows])
            after = rows[-1].id if rows else after
            return len(rows)

        seen = await commit_batches(self._ctx, reseal, RESEAL_BATCH, RESEAL_BATCHES)
        if seen > unreadable:
            log.info("provider_tokens_resealed", count=seen - unreadable, unreadable=unreadable)

    async def _reseal(self, row: ProviderToken) -> bool:
        """Returns False if no key of ours opens the token."""
        try:
            sealed = self._sealer.seal(self._sealer.open(row.sealed))
        except CannotOpen:
            return False
        await self._kept.seal(row, self._sealer.key_id, sealed)
        return True

    def _apple(self) -> AppleProvider:
        return AppleProvider(self._ctx.settings, self._ctx.clock)

    def _line(self) -> LineProvider:
        return LineProvider(self._ctx.settings, self._ctx.clock)
