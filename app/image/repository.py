"""Every SQL statement about images."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, cast, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.image.models import Image
from app.user.models import User


class ImageRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, image: Image) -> Image:
        self._session.add(image)
        await self._session.flush()
        return image

    async def attach(self, owner_id: UUID, image_ids: Sequence[UUID]) -> int:
        """Take up the owner's free images; how many of them were free."""
        # Locked in one order, so that two posts with the same images never wait for each other.
        free = (
            select(Image.id)
            .where(
                Image.id.in_(image_ids),
                Image.owner_id == owner_id,
                Image.unattached_since.is_not(None),
            )
            .order_by(Image.id)
            .with_for_update()
        )
        taken = (
            update(Image)
            .where(Image.id.in_(free))
            .values(unattached_since=None)
            .returning(Image.id)
        )
        return len((await self._session.scalars(taken)).all())

    async def detach(self, image_ids: Sequence[UUID]) -> None:
        await self._session.execute(
            update(Image).where(Image.id.in_(image_ids)).values(unattached_since=func.now())
        )

    async def delete(self, image_ids: Sequence[UUID]) -> list[str]:
        """Remove the rows; the keys of what is left in the store."""
        gone = delete(Image).where(Image.id.in_(image_ids))
        rows = await self._session.execute(gone.returning(Image.key, Image.thumbnail_key))
        return [key for row in rows for key in row]

    async def delete_all_of(self, owner_id: UUID) -> list[str]:
        gone = delete(Image).where(Image.owner_id == owner_id)
        rows = await self._session.execute(gone.returning(Image.key, Image.thumbnail_key))
        return [key for row in rows for key in row]

    async def list_unnamed(self, keys: Sequence[str]) -> Sequence[str]:
        """Those of the keys that neither an image nor an avatar has."""
        if not keys:
            return []
        # Not named `key`: inside EXISTS that would be the image's own column.
        given = func.unnest(cast(keys, ARRAY(Text))).column_valued("given")
        named = exists().where(or_(Image.key == given, Image.thumbnail_key == given))
        worn = exists().where(User.avatar_key == given)
        return (await self._session.scalars(select(given).where(~named, ~worn))).all()

    async def list_unattached_since(self, moment: datetime, limit: int) -> Sequence[UUID]:
        """The images that no post has taken up; locked, and those skipped that another has."""
        query = (
            select(Image.id)
            .where(Image.unattached_since < moment)
            .order_by(Image.unattached_since)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return (await self._session.scalars(query)).all()
