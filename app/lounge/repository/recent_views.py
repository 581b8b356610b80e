"""The statements that record which lounges a user opened last."""

from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.lounge.models import LoungeRecentView
from app.user.models import User

RECENT_VIEWS = 50
"""How many recent views are kept of each user."""


class RecentViewRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def record(self, user_id: UUID, lounge_id: UUID) -> None:
        """Make the lounge the user's latest view, and delete what exceeds the 50 latest.

        Records nothing for a user who has left: their access token works until it expires.
        """
        if await self._lock_user(user_id):
            await self._upsert(user_id, lounge_id)
            await self._delete_oldest(user_id)

    async def _lock_user(self, user_id: UUID) -> bool:
        """Without this lock, ten views at once did not see each other's rows: 51 were kept."""
        user = select(User.id).where(User.id == user_id, User.left_at.is_(None))
        return await self._session.scalar(user.with_for_update(key_share=True)) is not None

    async def _upsert(self, user_id: UUID, lounge_id: UUID) -> None:
        statement = insert(LoungeRecentView).values(user_id=user_id, lounge_id=lounge_id)
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id", "lounge_id"], set_={"id": text("uuidv7()")}
            )
        )

    async def _delete_oldest(self, user_id: UUID) -> None:
        oldest_kept = (
            select(LoungeRecentView.id)
            .where(LoungeRecentView.user_id == user_id)
            .order_by(LoungeRecentView.id.desc())
            .offset(RECENT_VIEWS - 1)
            .limit(1)
            .scalar_subquery()
        )
        await self._session.execute(
            delete(LoungeRecentView).where(
                LoungeRecentView.user_id == user_id, LoungeRecentView.id < oldest_kept
            )
        )

    async def delete_all_of(self, user_id: UUID) -> None:
        await self._session.execute(
            delete(LoungeRecentView).where(LoungeRecentView.user_id == user_id)
        )
