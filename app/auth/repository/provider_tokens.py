"""The statements about the providers' tokens."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, delete, null, select, update
from sqlalchemy.dialects.postgresql import insert

from app.auth.models import (
    ProviderToken,
)
from app.core.db import Repository
from app.integrations.identity.enums import SocialProvider


class ProviderTokenRepository(Repository):
    async def keep(
        self, user_id: UUID, provider: SocialProvider, client_id: str, key_id: str, sealed: bytes
    ) -> None:
        """Store a token, which replaces the previous one."""
        statement = insert(ProviderToken).values(
            user_id=user_id, provider=provider, client_id=client_id, key_id=key_id, sealed=sealed
        )
        await self._db.execute(
            statement.on_conflict_do_update(
                index_elements=[
                    ProviderToken.user_id,
                    ProviderToken.provider,
                    ProviderToken.client_id,
                ],
                set_={"key_id": key_id, "sealed": sealed},
            )
        )

    async def add(self, token: ProviderToken) -> UUID:
        """Store a token without a user."""
        return (await self._db.add(token)).id

    async def take_from(
        self, user_id: UUID, provider: SocialProvider | None, *, lines_until: datetime
    ) -> Sequence[tuple[UUID, SocialProvider]]:
        """Take a user's tokens away from them. Returns what they are. LINE's expire then."""
        taken = update(ProviderToken).where(ProviderToken.user_id == user_id)
        if provider is not None:
            taken = taken.where(ProviderToken.provider == provider)
        is_lines = ProviderToken.provider == SocialProvider.LINE
        statement = taken.values(
            user_id=None, expires_at=case((is_lines, lines_until), else_=null())
        ).returning(ProviderToken.id, ProviderToken.provider)
        return [(id_, SocialProvider(of)) for id_, of in await self._db.all(statement)]

    async def find(self, token_id: UUID) -> ProviderToken | None:
        return await self._db.first(select(ProviderToken).where(ProviderToken.id == token_id))

    async def delete(self, token_id: UUID) -> None:
        await self._db.execute(delete(ProviderToken).where(ProviderToken.id == token_id))

    async def lock_under_other_keys(
        self, key_id: str, after_id: UUID, limit: int
    ) -> Sequence[ProviderToken]:
        query = (
            select(ProviderToken)
            .where(ProviderToken.key_id != key_id, ProviderToken.id > after_id)
            .order_by(ProviderToken.id)
            .limit(limit)
        )
        return await self._db.all(query.with_for_update(skip_locked=True))

    async def seal(self, row: ProviderToken, key_id: str, sealed: bytes) -> None:
        await self._db.change(row, key_id=key_id, sealed=sealed)
