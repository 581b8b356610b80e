"""The statements that delete what has expired."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, tuple_

from app.auth.models import (
    AppleNotification,
    ExchangeCode,
    MailToken,
    Nonce,
    OAuthAttempt,
    ProviderToken,
    RefreshToken,
    SentMails,
    WrongPasswords,
)
from app.core.db import Repository
from app.core.sql.materialized import materialized

type _Expiring = type[
    RefreshToken
    | Nonce
    | MailToken
    | OAuthAttempt
    | ExchangeCode
    | WrongPasswords
    | SentMails
    | AppleNotification
    | ProviderToken
]
_EXPIRING: tuple[_Expiring, ...] = (
    *(RefreshToken, Nonce, MailToken, OAuthAttempt, ExchangeCode),
    *(WrongPasswords, SentMails, AppleNotification, ProviderToken),
)


class CleanUpRepository(Repository):
    async def delete_expired(self, now: datetime, limit: int) -> bool:
        """Delete a batch of expired rows from each table. Returns whether there may be more."""
        deleted = [await self._delete_expired(table, now, limit) for table in _EXPIRING]
        return max(deleted) == limit

    async def _delete_expired(self, table: _Expiring, now: datetime, limit: int) -> int:
        key = tuple_(*table.__table__.primary_key)
        expired = materialized(
            select(*table.__table__.primary_key)
            .where(table.expires_at < now)
            .order_by(table.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        deleted = delete(table).where(key.in_(select(expired))).returning(table.expires_at)
        return len(await self._db.all(deleted))

    async def list_sessions_with_tokens(self, session_ids: Sequence[UUID]) -> Sequence[UUID]:
        """The sessions among these that still have refresh tokens."""
        query = select(RefreshToken.session_id).where(RefreshToken.session_id.in_(session_ids))
        return await self._db.all(query.distinct())
