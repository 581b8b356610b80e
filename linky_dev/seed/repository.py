"""The SQL of the demo: checking that the database is empty, and setting dates in the past.

Services write everything else, with the present time. Only the demo may change dates.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.comment.models import Comment
from app.core.days import day_of
from app.image.models import Image
from app.lounge.models import Lounge
from app.notification.models import Notification
from app.post.models import Post, PostImage
from app.user.models import ActiveDay, User

WAIT_SECONDS = 60.0
_LOCK = 0x11_4B_59_5EED
_TIMEOUTS = "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '60s'"


class SeedRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def is_empty(self) -> bool:
        """Whether there is neither a user nor a lounge."""
        any_row = select(exists(select(User.id)) | exists(select(Lounge.id)))
        return not await self._session.scalar(any_row)

    async def lock(self) -> None:
        """Take the lock for seeding until the transaction ends, so that only one process seeds.

        It polls, since a statement that waited for the lock could take as long as a whole seed.
        """
        for setting in _TIMEOUTS.split("; "):
            await self._session.execute(text(setting))
        async with asyncio.timeout(WAIT_SECONDS):
            while not await self._session.scalar(  # noqa: ASYNC110 - Another process has it.
                select(func.pg_try_advisory_xact_lock(_LOCK))
            ):
                await asyncio.sleep(0.2)

    async def date_users(self, times: Mapping[UUID, datetime]) -> None:
        """Set when users joined. They confirmed their addresses at the same time."""
        rows = [{"id": key, "created_at": at, "email_verified_at": at} for key, at in times.items()]
        await self._session.execute(update(User), rows)

    async def date_lounges(self, times: Mapping[UUID, datetime]) -> None:
        """Set when lounges were opened, and the time of their latest post. Date the posts first."""
        rows = [{"id": key, "created_at": at} for key, at in times.items()]
        await self._session.execute(update(Lounge), rows)
        latest = select(func.max(Post.created_at)).where(Post.lounge_id == Lounge.id)
        await self._session.execute(
            update(Lounge)
            .values(last_posted_at=latest.scalar_subquery())
            .execution_options(synchronize_session=False)
        )

    async def date_posts(self, times: Mapping[UUID, datetime]) -> None:
        """Set when posts and their images were made."""
        await self._session.execute(update(Post), _written_at(times))
        await self._session.execute(
            update(Image)
            .where(PostImage.image_id == Image.id, Post.id == PostImage.post_id)
            .values(created_at=Post.created_at)
            .execution_options(synchronize_session=False)
        )

    async def date_comments(self, times: Mapping[UUID, datetime]) -> None:
        """Set when comments, and the notifications about them, were made."""
        await self._session.execute(update(Comment), _written_at(times))
        await self._session.execute(
            update(Notification)
            .where(Notification.comment_id == Comment.id)
            .values(created_at=Comment.created_at)
            .execution_options(synchronize_session=False)
        )

    async def add_visits(self, visits: Sequence[tuple[UUID, datetime]]) -> None:
        """Note on which days users were here."""
        rows = [
            {"user_id": user_id, "day": day_of(moment), "seen_at": moment}
            for user_id, moment in visits
        ]
        await self._session.execute(insert(ActiveDay), rows)


def _written_at(times: Mapping[UUID, datetime]) -> list[dict[str, object]]:
    return [{"id": key, "created_at": at, "updated_at": at} for key, at in times.items()]
