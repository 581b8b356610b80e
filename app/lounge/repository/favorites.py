"""The statements that change favourites, and the lounges' counts of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, cast, delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.lounge.models import Lounge, LoungeFavorite


class FavoriteRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, user_id: UUID, lounge_id: UUID) -> None:
        """Does nothing if the lounge is a favourite already."""
        statement = insert(LoungeFavorite).values(user_id=user_id, lounge_id=lounge_id)
        added = await self._session.scalar(
            statement.on_conflict_do_nothing().returning(LoungeFavorite.id)
        )
        if added is not None:
            await self._change_count(lounge_id, 1)

    async def delete(self, user_id: UUID, lounge_id: UUID) -> None:
        """Does nothing if the lounge is no favourite."""
        statement = delete(LoungeFavorite).where(
            LoungeFavorite.user_id == user_id, LoungeFavorite.lounge_id == lounge_id
        )
        if await self._session.scalar(statement.returning(LoungeFavorite.id)) is not None:
            await self._change_count(lounge_id, -1)

    async def _change_count(self, lounge_id: UUID, by: int) -> None:
        await self._session.execute(
            update(Lounge)
            .where(Lounge.id == lounge_id)
            .values(favorite_count=Lounge.favorite_count + by)
        )

    async def delete_all_of(self, user_id: UUID) -> Sequence[UUID]:
        """Returns the lounges that were favourites. Their counts do not change yet."""
        statement = delete(LoungeFavorite).where(LoungeFavorite.user_id == user_id)
        return (await self._session.scalars(statement.returning(LoungeFavorite.lounge_id))).all()

    async def discount(self, lounge_ids: Sequence[UUID]) -> None:
        """Take one favourite off the count of each lounge. The lounges are locked already."""
        await self._session.execute(
            update(Lounge)
            .where(Lounge.id == func.any(cast(lounge_ids, ARRAY(Uuid))))
            .values(favorite_count=Lounge.favorite_count - 1),
            execution_options={"synchronize_session": False},
        )
