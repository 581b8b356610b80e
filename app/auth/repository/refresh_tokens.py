"""The statements about refresh tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import RefreshToken


class RefreshTokenRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self, session_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime
    ) -> None:
        self._session.add(
            RefreshToken(
                session_id=session_id,
                token_hash=token_hash,
                created_at=now,
                expires_at=expires_at,
            )
        )
        await self._session.flush()

    async def lock(self, token_hash: bytes) -> RefreshToken | None:
        """Lock the token. Requests with the same token take turns."""
        query = select(RefreshToken).where(RefreshToken.token_hash == token_hash)
        return await self._session.scalar(query.with_for_update())
