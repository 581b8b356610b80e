"""The SQL of the demo: checking that the database is empty, and setting dates in the past.

Services write everything else, with the present time. Only the demo may change dates.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, insert, select, text, update

from app.comment.models import Comment
from app.core.days import day_of
from app.core.db import Repository
from app.image.models import Image
from app.lounge.models import Lounge
from app.notification.models import Notification
from app.post.models import Post, PostImage
from app.user.models import ActiveDay, User

WAIT_SECONDS = 60.0
_LOCK = 0x11_4B_59_5EED
_TIMEOUTS = "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '60s'"


class SeedRepository(Repository):
    async def is_empty(self) -> bool:
        """Whether there is neither a user nor a lounge."""
        any_row = select(exists(select(User.id)) | exists(select(Lounge.id)))
        return not await self._db.first(any_row)

    async def list_addresses(self, emails: Sequence[str]) -> list[str]:
        """Those of the addresses that are an account's."""
        there = select(User.email).where(User.email.in_(emails), User.left_at.is_(None))
        return [email for email in await self._db.all(there) if email is not None]

    async def lock(self) -> None:
        """Take the lock for seeding until the transaction ends, so that only one process seeds.

        It polls, since a statement that waited for the lock could take as long as a whole seed.
        """
        for setting in _TIMEOUTS.split("; "):
            await self._db.execute(text(setting))
        async with asyncio.timeout(WAIT_SECONDS):
            while not await self._db.first(  # noqa: ASYNC110 - Another process has it.
                select(func.pg_try_advisory_xact_lock(_LOCK))
            ):
                await asyncio.sleep(0.2)

    async def date_users(self, times: Mapping[UUID, datetime]) -> None:
        """Set when users joined. They confirmed their addresses at the same time."""
        for key, at in times.items():
            dated = update(User).where(User.id == key)
            await self._db.execute(dated.values(created_at=at, email_verified_at=at))

    async def date_lounges(self, times: Mapping[UUID, datetime]) -> None:
        """Set when lounges were opened, and the time of their latest post. Date the posts first."""
        for key, at in times.items():
            await self._db.execute(update(Lounge).where(Lounge.id == key).values(created_at=at))
        latest = select(func.max(Post.created_at)).where(Post.lounge_id == Lounge.id)
        await self._db.execute(update(Lounge).values(last_posted_at=latest.scalar_subquery()))

    async def date_posts(self, times: Mapping[UUID, datetime]) -> None:
        """Set when posts and their images were made."""
        await self._date(Post, times)
        await self._db.execute(
            update(Image)
            .where(PostImage.image_id == Image.id, Post.id == PostImage.post_id)
            .values(created_at=Post.created_at)
        )

    async def date_comments(self, times: Mapping[UUID, datetime]) -> None:
        """Set when comments, and the notifications about them, were made."""
        await self._date(Comment, times)
        await self._db.execute(
            update(Notification)
            .where(Notification.comment_id == Comment.id)
            .values(created_at=Comment.created_at)
        )

    async def add_visits(self, visits: Sequence[tuple[UUID, datetime]]) -> None:
        """Note on which days users were here."""
        rows = [
            {"user_id": user_id, "day": day_of(moment), "seen_at": moment}
            for user_id, moment in visits
        ]
        await self._db.execute(insert(ActiveDay).values(rows))

    async def _date(self, kind: type[Post | Comment], times: Mapping[UUID, datetime]) -> None:
        for key, at in times.items():
            dated = update(kind).where(kind.id == key)
            await self._db.execute(dated.values(created_at=at, updated_at=at))
