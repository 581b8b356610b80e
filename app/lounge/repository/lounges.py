"""The statements that make and change lounges, and their counts of posts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Uuid,
    bindparam,
    cast,
    column,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.batches import in_batches
from app.core.database import broken_means
from app.core.rows import values_of
from app.core.search import search_vector
from app.lounge.exceptions import LoungeClosed, LoungeInUse, LoungeNameTaken, LoungeNotFound
from app.lounge.models import Lounge

BATCH = 1_000
"""Rows per statement when a user leaves (statements time out after 2.3 s)."""

_MOMENT = DateTime(timezone=True)
_EXISTS = values_of(UUID, select(Lounge.id).where(Lounge.id == bindparam("lounge_id", type_=Uuid)))


class LoungeRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def exists(self, lounge_id: UUID) -> bool:
        return await _EXISTS.first(self._session, lounge_id=lounge_id) is not None

    async def has_name(self, name_key: str) -> bool:
        query = select(Lounge.id).where(Lounge.name_key == name_key)
        return await self._session.scalar(query) is not None

    async def ensure_open(self, lounge_id: UUID) -> None:
        """Lock a lounge against closing. Raises LoungeNotFound, LoungeClosed."""
        query = select(Lounge.id, Lounge.closed_at).where(Lounge.id == lounge_id)
        found = await self._session.execute(query.with_for_update(read=True, key_share=True))
        row = found.one_or_none()
        if row is None:
            raise LoungeNotFound
        if row.closed_at is not None:
            raise LoungeClosed

    async def lock(self, lounge_id: UUID) -> Lounge:
        """Raises LoungeNotFound."""
        query = select(Lounge).where(Lounge.id == lounge_id).with_for_update()
        lounge = await self._session.scalar(query)
        if lounge is None:
            raise LoungeNotFound
        return lounge

    async def lock_all(self, lounge_ids: Iterable[UUID]) -> None:
        """Lock several lounges for changes of their counts, in the order of their ids."""
        for batch in in_batches(lounge_ids, BATCH):
            await self._session.execute(
                select(Lounge.id)
                .where(Lounge.id == func.any(cast(batch, ARRAY(Uuid))))
                .order_by(Lounge.id)
                .with_for_update(key_share=True)
            )

    async def add(self, name: str, name_key: str, description: str) -> Lounge:
        """Raises LoungeNameTaken."""
        lounge = Lounge(
            name=name,
            name_key=name_key,
            search_vector=search_vector(name_key),
            description=description,
        )
        self._session.add(lounge)
        await self._flush()
        return lounge

    async def delete_unused(self, lounge_id: UUID) -> None:
        """Raises LoungeInUse if it has a post, a deleted one too, or a favourite."""
        unused = delete(Lounge).where(
            Lounge.id == lounge_id, Lounge.post_count == 0, Lounge.favorite_count == 0
        )
        try:
            deleted = await self._session.scalar(unused.returning(Lounge.id))
        except IntegrityError:
            raise LoungeInUse from None
        if deleted is None:
            raise LoungeInUse

    async def rename(self, lounge: Lounge, name: str, name_key: str) -> None:
        """Raises LoungeNameTaken."""
        lounge.name, lounge.name_key = name, name_key
        lounge.search_vector = search_vector(name_key)
        await self._flush()

    async def describe(self, lounge: Lounge, description: str) -> None:
        lounge.description = description
        await self._flush()

    async def set_cover_key(self, lounge: Lounge, key: str | None) -> None:
        lounge.cover_key = key
        await self._flush()

    async def set_closed_at(self, lounge: Lounge, moment: datetime | None) -> None:
        lounge.closed_at = moment
        await self._flush()

    async def _flush(self) -> None:
        with broken_means("lounges_name_key_key", LoungeNameTaken):
            await self._session.flush()

    async def count_post(self, lounge_id: UUID, posted_at: datetime) -> None:
        """Add a post to the count. Call it last: every post in the lounge waits for this lock."""
        await self._session.execute(
            update(Lounge)
            .where(Lounge.id == lounge_id)
            .values(
                post_count=Lounge.post_count + 1,
                last_posted_at=func.greatest(Lounge.last_posted_at, posted_at),
            )
        )

    async def discount_post(self, lounge_id: UUID) -> None:
        """Take a post off the count. This locks the lounge until the transaction ends."""
        await self._session.execute(
            update(Lounge).where(Lounge.id == lounge_id).values(post_count=Lounge.post_count - 1)
        )

    async def set_last_posted_at(self, lounge_id: UUID, moment: datetime | None) -> None:
        await self._session.execute(
            update(Lounge).where(Lounge.id == lounge_id).values(last_posted_at=moment)
        )

    async def discount_posts(
        self, by_lounge: Mapping[UUID, int], latest: Mapping[UUID, datetime | None]
    ) -> None:
        """Take posts off the counts of several lounges, which are locked already."""
        given = func.unnest(
            cast(list(by_lounge), ARRAY(Uuid)),
            cast(list(by_lounge.values()), ARRAY(Integer)),
            cast([latest[lounge_id] for lounge_id in by_lounge], ARRAY(_MOMENT)),
        )
        changes = given.table_valued(
            column("id", Uuid), column("posts", Integer), column("latest", _MOMENT)
        ).render_derived()
        await self._session.execute(
            update(Lounge)
            .where(Lounge.id == changes.c.id)
            .values(
                post_count=Lounge.post_count - changes.c.posts, last_posted_at=changes.c.latest
            ),
            execution_options={"synchronize_session": False},
        )
