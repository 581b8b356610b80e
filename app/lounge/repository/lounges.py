"""The statements that make, lock and change lounges."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from asyncpg import ForeignKeyViolationError
from sqlalchemy import (
    ARRAY,
    Uuid,
    bindparam,
    delete,
    func,
    select,
)

from app.core.database import broken_means
from app.core.db import Repository
from app.core.sql.rows import values_of
from app.core.sql.search import search_vector
from app.core.sql.sorted_batches import in_batches
from app.lounge.exceptions import LoungeClosed, LoungeInUse, LoungeNameTaken, LoungeNotFound
from app.lounge.models import Lounge

LOUNGE_BATCH_ROWS = 1_000
"""Rows per statement when a user leaves (statements time out after 2.3 s)."""

_EXISTS = values_of(UUID, select(Lounge.id).where(Lounge.id == bindparam("lounge_id", type_=Uuid)))
_LOCK_ALL = (
    select(Lounge.id)
    .where(Lounge.id == func.any(bindparam("lounge_ids", type_=ARRAY(Uuid))))
    .order_by(Lounge.id)
    .with_for_update(key_share=True)
)

_NAME_KEY = "lounges_name_key_key"


class LoungeRepository(Repository):
    async def exists(self, lounge_id: UUID) -> bool:
        return await self._db.first(_EXISTS, lounge_id=lounge_id) is not None

    async def has_name(self, name_key: str) -> bool:
        query = select(Lounge.id).where(Lounge.name_key == name_key)
        return await self._db.first(query) is not None

    async def ensure_open(self, lounge_id: UUID) -> None:
        """Lock a lounge against closing. Raises LoungeNotFound, LoungeClosed."""
        query = select(Lounge.id, Lounge.closed_at).where(Lounge.id == lounge_id)
        found = await self._db.first(query.with_for_update(read=True, key_share=True))
        if found is None:
            raise LoungeNotFound
        _, closed_at = found
        if closed_at is not None:
            raise LoungeClosed

    async def lock(self, lounge_id: UUID) -> Lounge:
        """Raises LoungeNotFound."""
        query = select(Lounge).where(Lounge.id == lounge_id).with_for_update()
        lounge = await self._db.first(query)
        if lounge is None:
            raise LoungeNotFound
        return lounge

    async def lock_all(self, lounge_ids: Iterable[UUID]) -> None:
        """Lock several lounges for changes of their counts, in the order of their ids."""
        for batch in in_batches(lounge_ids, LOUNGE_BATCH_ROWS):
            await self._db.execute(_LOCK_ALL, lounge_ids=list(batch))

    async def add(self, name: str, name_key: str, description: str) -> Lounge:
        """Raises LoungeNameTaken."""
        lounge = Lounge(
            name=name,
            name_key=name_key,
            search_vector=search_vector(name_key),
            description=description,
        )
        with broken_means(_NAME_KEY, LoungeNameTaken):
            return await self._db.add(lounge)

    async def delete_unused(self, lounge_id: UUID) -> None:
        """Raises LoungeInUse if it has a post, a deleted one too, or a favorite."""
        unused = delete(Lounge).where(
            Lounge.id == lounge_id, Lounge.post_count == 0, Lounge.favorite_count == 0
        )
        try:
            deleted = await self._db.first(unused.returning(Lounge.id))
        except ForeignKeyViolationError:
            raise LoungeInUse from None
        if deleted is None:
            raise LoungeInUse

    async def rename(self, lounge: Lounge, name: str, name_key: str) -> None:
        """Raises LoungeNameTaken."""
        with broken_means(_NAME_KEY, LoungeNameTaken):
            await self._db.change(
                lounge, name=name, name_key=name_key, search_vector=search_vector(name_key)
            )

    async def describe(self, lounge: Lounge, description: str) -> None:
        await self._db.change(lounge, description=description)

    async def set_cover_key(self, lounge: Lounge, key: str | None) -> None:
        await self._db.change(lounge, cover_key=key)

    async def set_closed_at(self, lounge: Lounge, moment: datetime | None) -> None:
        await self._db.change(lounge, closed_at=moment)
