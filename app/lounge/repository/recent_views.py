"""The statements that record which lounges a user has opened, and when last."""

from uuid import UUID

from sqlalchemy import literal, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import broken_means
from app.lounge.exceptions import LoungeNotFound
from app.lounge.models import LoungeRecentView
from app.user.models import User


class RecentViewRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def record(self, user_id: UUID, lounge_id: UUID) -> None:
        """Make the lounge the user's latest view.

        Records nothing for a user who has left: their access token works until it expires. Raises
        LoungeNotFound if the lounge was deleted at this moment.
        """
        user = (
            select(User.id, literal(lounge_id))
            .where(User.id == user_id, User.left_at.is_(None))
            .with_for_update(read=True, key_share=True)
        )
        view = insert(LoungeRecentView).from_select(["user_id", "lounge_id"], user)
        latest = view.on_conflict_do_update(
            index_elements=["user_id", "lounge_id"],
            set_={"id": text("uuidv7()"), "forgotten": False},
        )
        with broken_means("lounge_recent_views_lounge_id_fkey", LoungeNotFound):
            await self._session.execute(latest)

    async def forget_all_of(self, user_id: UUID) -> None:
        """Take a user's views off the list. When they looked is still known."""
        await self._session.execute(
            update(LoungeRecentView)
            .where(LoungeRecentView.user_id == user_id, ~LoungeRecentView.forgotten)
            .values(forgotten=True)
        )
