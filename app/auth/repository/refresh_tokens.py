"""The statements about refresh tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.auth.models import RefreshToken
from app.core.db import Repository


class RefreshTokenRepository(Repository):
    async def add(
        self, session_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime
    ) -> None:
        await self._db.add(
            RefreshToken(
                session_id=session_id,
                token_hash=token_hash,
                created_at=now,
                expires_at=expires_at,
            )
        )

    async def lock(self, token_hash: bytes) -> RefreshToken | None:
        """Lock the token. Requests with the same token take turns."""
        query = select(RefreshToken).where(RefreshToken.token_hash == token_hash)
        return await self._db.first(query.with_for_update())
