"""Apple's refresh tokens: stored encrypted at the sign-in, revoked when the user leaves.

Apple requires this of apps in which users can delete their account (TN3194). The tokens have no
other use. A sign-in does not wait for Apple: a job redeems the SDK's code.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.auth.models import ProviderToken
from app.auth.repository import ProviderTokenRepository
from app.core.sealing import CannotOpen, Sealer
from app.integrations.identity import AppleProvider, SocialProvider
from app.jobs import GiveUp, enqueue
from app.runtime.batches import commit_batches
from app.runtime.context import Context, Needs
from app.user.enums import Door
from app.user.exceptions import UserNotFound
from app.user.service import DoorService, UserService

log = structlog.get_logger(__name__)

REDEEM_APPLE_CODE = "auth.redeem_apple_code"
REVOKE_PROVIDER_TOKEN = "auth.revoke_provider_token"

CODE_LIFETIME = timedelta(minutes=5)
"""For how long Apple accepts a code."""

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
    """The payload of REVOKE_PROVIDER_TOKEN."""

    token_id: UUID


class ProviderTokenService:
    _users = Needs(UserService)
    _doors = Needs(DoorService)
    _kept = Needs(ProviderTokenRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._sealer = Sealer(ctx.settings.signing_keys)

    async def keep(
        self, user_id: UUID, provider: SocialProvider, client_id: str, token: str
    ) -> None:
        """Store the newest token in place of the one before. To revoke any of them is enough."""
        sealed = self._sealer.seal(token)
        await self._kept.keep(user_id, provider, client_id, self._sealer.key_id, sealed)

    async def revoke_at_once(self, provider: SocialProvider, client_id: str, token: str) -> None:
        """Revoke a token that no account here has. To sign in connected its person."""
        sealed = self._sealer.seal(token)
        token_id = await self._kept.add(provider, client_id, self._sealer.key_id, sealed)
        await enqueue(self._ctx.db, REVOKE_PROVIDER_TOKEN, KeptToken(token_id))

    async def redeem_later(self, user_id: UUID, client_id: str, code: str) -> None:
        """Get the token for a code of Apple's SDK after this commits."""
        sealed = self._sealer.seal(code).decode()
        until = self._ctx.clock() + CODE_LIFETIME
        payload = AppleCode(user_id, client_id, sealed, until)
        await enqueue(self._ctx.db, REDEEM_APPLE_CODE, payload)

    async def revoke_all_of(self, user_id: UUID, provider: SocialProvider | None = None) -> None:
        """Enqueue a job for each token of a leaver, or for those of a door that is closed.

        The tokens are the user's no more. One that comes when they link the provider again must
        not take the place of a token that still waits for its job.
        """
        for token_id in await self._kept.take_from(user_id, provider):
            await enqueue(self._ctx.db, REVOKE_PROVIDER_TOKEN, KeptToken(token_id))

    # The jobs

    async def redeem(self, apple: AppleCode) -> None:
        """The job behind `redeem_later`. If it fails, the user can still leave.

        Raises ProviderUnavailable, to be tried again while the code is good.
        """
        try:
            await self._users.get_user(apple.user_id)
            subject = await self._doors.find_subject(apple.user_id, Door.APPLE)
            code = self._sealer.open(apple.sealed_code)
        except (UserNotFound, CannotOpen):
            return
        if subject is None or self._ctx.clock() > apple.until:
            log.warning("apple_code_is_over", user_id=str(apple.user_id))
            return
        await self._ctx.release_connection()
        token = await self._apple().redeem_native(code, apple.client_id, subject)
        if token is not None:
            await self._keep_or_revoke(apple, subject, token)

    async def _keep_or_revoke(self, apple: AppleCode, subject: str, token: str) -> None:
        """Keep the token if its user still has this door.

        They may have left or closed it while Apple answered. A token that is stored after that
        would never be revoked.
        """
        if await self._still_has(apple.user_id, subject):
            await self.keep(apple.user_id, SocialProvider.APPLE, apple.client_id, token)
        else:
            await self.revoke_at_once(SocialProvider.APPLE, apple.client_id, token)

    async def _still_has(self, user_id: UUID, subject: str) -> bool:
        """Whether this id at Apple is the user's. If so, it stays so until this commits."""
        try:
            await self._users.lock(user_id)
        except UserNotFound:
            return False
        return await self._doors.find_subject(user_id, Door.APPLE) == subject

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
