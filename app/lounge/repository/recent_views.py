"""The statements that record which lounges a user has opened, and when last."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import AnySelect, broken_means
from app.core.db import Repository
from app.core.sql.rows import values_of
from app.core.sql.writes import table_of
from app.lounge.exceptions import LoungeNotFound
from app.lounge.models import LoungeRecentView
from app.user.models import User

_USER_ID, _LOUNGE_ID = bindparam("user_id", type_=Uuid), bindparam("lounge_id", type_=Uuid)


def _recorded() -> AnySelect:
    user = (
        select(User.id, _LOUNGE_ID)
        .where(User.id == _USER_ID, User.left_at.is_(None))
        .with_for_update(read=True, key_share=True)
    )
    view = insert(table_of(LoungeRecentView)).from_select(["user_id", "lounge_id"], user)
    latest = view.on_conflict_do_update(
        index_elements=["user_id", "lounge_id"],
        set_={"id": text("uuidv7()"), "forgotten": False},
    )
    return select(latest.returning(table_of(LoungeRecentView).c.id).cte("recorded"))


_RECORD = values_of(UUID, _recorded())


class RecentViewRepository(Repository):
    async def record(self, user_id: UUID, lounge_id: UUID) -> None:
        """Make the lounge the user's latest view.

        Records nothing for a user who has left: their access token works until it expires. Raises
        LoungeNotFound if the lounge was deleted at this moment.
        """
        with broken_means("lounge_recent_views_lounge_id_fkey", LoungeNotFound):
            await self._db.first(_RECORD, user_id=user_id, lounge_id=lounge_id)

    async def forget_all_of(self, user_id: UUID) -> None:
        """Take a user's views off the list. When they looked is still known."""
        await self._db.execute(
            update(LoungeRecentView)
            .where(LoungeRecentView.user_id == user_id, ~LoungeRecentView.forgotten)
            .values(forgotten=True)
        )
