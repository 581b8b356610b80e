"""The statements about nonces, and about sign-ins by the browser."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import ExchangeCode, Nonce, OAuthAttempt
from app.integrations.identity.enums import SocialProvider


class SocialRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_nonce(self, nonce_hash: bytes, expires_at: datetime) -> None:
        self._session.add(Nonce(nonce_hash=nonce_hash, expires_at=expires_at))
        await self._session.flush()

    async def use_nonce(self, nonce_hash: bytes, now: datetime) -> bool:
        """Delete the nonce. Returns whether it was ours and had not expired.

        If two requests use a nonce at once, the second one waits, and then finds none.
        """
        used = await self._session.scalar(
            delete(Nonce)
            .where(Nonce.nonce_hash == nonce_hash, Nonce.expires_at > now)
            .returning(Nonce.nonce_hash)
        )
        return used is not None

    async def add(self, row: OAuthAttempt | ExchangeCode) -> None:
        self._session.add(row)
        await self._session.flush()

    async def take_attempt(
        self, state_hash: bytes, provider: SocialProvider
    ) -> OAuthAttempt | None:
        """Delete the attempt and return it."""
        return await self._session.scalar(
            delete(OAuthAttempt)
            .where(OAuthAttempt.state_hash == state_hash, OAuthAttempt.provider == provider)
            .returning(OAuthAttempt),
            execution_options={"synchronize_session": False},
        )

    async def find_exchange_code(self, code_hash: bytes, now: datetime) -> ExchangeCode | None:
        query = select(ExchangeCode).where(
            ExchangeCode.code_hash == code_hash, ExchangeCode.expires_at > now
        )
        return await self._session.scalar(query)

    async def use_exchange_code(self, code_hash: bytes) -> bool:
        """Delete the code. Returns whether it was there.

        If two requests use a code at once, the second one waits, and then finds none.
        """
        used = await self._session.scalar(
            delete(ExchangeCode)
            .where(ExchangeCode.code_hash == code_hash)
            .returning(ExchangeCode.code_hash),
            execution_options={"synchronize_session": False},
        )
        return used is not None
