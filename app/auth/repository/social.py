"""The statements about nonces, and about sign-ins by the browser."""

from datetime import datetime

from sqlalchemy import delete, select

from app.auth.models import ExchangeCode, Nonce, OAuthAttempt
from app.core.db import Repository
from app.integrations.identity.enums import SocialProvider


class SocialRepository(Repository):
    async def add_nonce(self, nonce_hash: bytes, expires_at: datetime) -> None:
        await self._db.add(Nonce(nonce_hash=nonce_hash, expires_at=expires_at))

    async def use_nonce(self, nonce_hash: bytes, now: datetime) -> bool:
        """Delete the nonce. Returns whether it was ours and had not expired.

        If two requests use a nonce at once, the second one waits, and then finds none.
        """
        used = await self._db.first(
            delete(Nonce)
            .where(Nonce.nonce_hash == nonce_hash, Nonce.expires_at > now)
            .returning(Nonce.nonce_hash)
        )
        return used is not None

    async def add(self, row: OAuthAttempt | ExchangeCode) -> None:
        await self._db.add(row)

    async def take_attempt(
        self, state_hash: bytes, provider: SocialProvider
    ) -> OAuthAttempt | None:
        """Delete the attempt and return it."""
        return await self._db.first(
            delete(OAuthAttempt)
            .where(OAuthAttempt.state_hash == state_hash, OAuthAttempt.provider == provider)
            .returning(OAuthAttempt),
        )

    async def find_exchange_code(self, code_hash: bytes, now: datetime) -> ExchangeCode | None:
        query = select(ExchangeCode).where(
            ExchangeCode.code_hash == code_hash, ExchangeCode.expires_at > now
        )
        return await self._db.first(query)

    async def use_exchange_code(self, code_hash: bytes) -> bool:
        """Delete the code. Returns whether it was there.

        If two requests use a code at once, the second one waits, and then finds none.
        """
        used = await self._db.first(
            delete(ExchangeCode)
            .where(ExchangeCode.code_hash == code_hash)
            .returning(ExchangeCode.code_hash),
        )
        return used is not None
