"""The statements about what Apple has told this server."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.auth.models import AppleNotification, ForwardedAddress
from app.core.db import Repository
from app.core.text import fold


class AppleRepository(Repository):
    async def add(self, jti_hash: bytes, expires_at: datetime) -> bool:
        """Note that a notification was heard. False if it was before.

        If it comes twice at once, the second one waits for the first.
        """
        statement = insert(AppleNotification).values(jti_hash=jti_hash, expires_at=expires_at)
        added = statement.on_conflict_do_nothing().returning(AppleNotification.jti_hash)
        return await self._db.first(added) is not None

    async def set_stopped(
        self, email: str, user_id: UUID, told_at: datetime, *, is_stopped: bool
    ) -> None:
        """Unless something newer is known: notifications may come in any order."""
        values = {"user_id": user_id, "is_stopped": is_stopped, "told_at": told_at}
        statement = insert(ForwardedAddress).values(email=fold(email), **values)
        await self._db.execute(
            statement.on_conflict_do_update(
                index_elements=[ForwardedAddress.email],
                set_=values,
                where=ForwardedAddress.told_at <= told_at,
            )
        )

    async def is_stopped(self, email: str) -> bool:
        query = select(ForwardedAddress.email).where(
            ForwardedAddress.email == fold(email), ForwardedAddress.is_stopped
        )
        return await self._db.first(query) is not None
