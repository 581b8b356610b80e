"""The statements that change favorites, and the lounges' counts of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, cast, delete, func, select, update

from app.core.database import broken_means
from app.core.db import Repository
from app.core.errors import SessionRevoked
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query
from app.live_log.changes import Kind
from app.lounge.exceptions import LoungeNotFound
from app.lounge.models import Lounge, LoungeFavorite
from app.user.models import caller_params
from app.user.policy import Viewer
from app.user.writes import MarkResult, counted_marks

_LOUNGE_ID = bindparam("lounge_id", type_=Uuid)


_LOUNGE = select(Lounge.id).where(Lounge.id == _LOUNGE_ID).cte("lounge")
_ADD, _DELETE = counted_marks(
    Kind.LOUNGE_MARK, _LOUNGE, LoungeFavorite.lounge_id, Lounge.favorite_count
)


class FavoriteRepository(Repository):
    async def add(self, viewer: Viewer, lounge_id: UUID) -> None:
        """Add and count a favorite, if it is a new one. Raises SessionRevoked, LoungeNotFound."""
        with broken_means("lounge_favorites_lounge_id_fkey", LoungeNotFound):
            await self._change(_ADD, viewer, lounge_id)

    async def delete(self, viewer: Viewer, lounge_id: UUID) -> None:
        """Delete and discount a favorite, if it is one. Raises SessionRevoked, LoungeNotFound."""
        await self._change(_DELETE, viewer, lounge_id)

    async def _change(self, change: Query[MarkResult], viewer: Viewer, lounge_id: UUID) -> None:
        caller = caller_params(viewer.user_id, viewer.session_id)
        found = await self._db.first(change, lounge_id=lounge_id, **caller)
        if found is None or not found.caller:
            raise SessionRevoked
        if not found.target:
            raise LoungeNotFound

    async def delete_some_of(self, user_id: UUID, most: int) -> Sequence[UUID]:
        """Returns the lounges that were favorites. Their counts do not change yet."""
        of_user = LoungeFavorite.user_id == user_id
        batch = materialized(select(LoungeFavorite.lounge_id).where(of_user).limit(most))
        in_batch = LoungeFavorite.lounge_id.in_(select(batch.c.lounge_id))
        statement = delete(LoungeFavorite).where(of_user, in_batch)
        return await self._db.all(statement.returning(LoungeFavorite.lounge_id))

    async def discount(self, lounge_ids: Sequence[UUID]) -> None:
        """Take one favorite off the count of each lounge. The lounges are locked already."""
        await self._db.execute(
            update(Lounge)
            .where(Lounge.id == func.any(cast(lounge_ids, ARRAY(Uuid))))
            .values(favorite_count=Lounge.favorite_count - 1),
        )
