"""Every SQL statement about images."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Text,
    case,
    cast,
    delete,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keyset import Row
from app.image.enums import Place
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

    async def set_hidden(self, image_ids: Sequence[UUID], hidden: bool) -> list[str]:
        """Mark images; the keys of those that were marked otherwise until now."""
        marked = (
            update(Image)
            .where(Image.id.in_(image_ids), Image.hidden.is_not(hidden))
            .values(hidden=hidden)
        )
        rows = await self._session.execute(marked.returning(Image.key, Image.thumbnail_key))
        return [key for row in rows for key in row]

    async def find_places(self, keys: Sequence[str]) -> dict[str, Place]:
        """Where the objects with these keys belong.

        A key is missing from the answer if no image or avatar has it, or if its owner has left.
        """
        if not keys:
            return {}
        given = func.unnest(cast(keys, ARRAY(Text))).column_valued("given")
        image = case((Image.hidden, literal(Place.HIDDEN)), else_=literal(Place.PUBLIC))
        # One look-up for each index: with an OR in one join PostgreSQL may use none of them.
        named = [
            select(given, image).join(Image, column == given).join(User, User.id == Image.owner_id)
            for column in (Image.key, Image.thumbnail_key)
        ]
        worn = select(given, literal(Place.PUBLIC)).join(User, User.avatar_key == given)
        there = User.left_at.is_(None)
        query = union_all(*(part.where(there) for part in (*named, worn)))
        return {row[0]: Place(row[1]) for row in await self._session.execute(query)}

    async def list_keys_of(self, owner_id: UUID, after_id: UUID, limit: int) -> Sequence[Row]:
        """The keys of an owner's images, some at a time: `id`, `key`, `thumbnail_key`."""
        query = (
            select(Image.id, Image.key, Image.thumbnail_key)
            .where(Image.owner_id == owner_id, Image.id > after_id)
            .order_by(Image.id)
            .limit(limit)
        )
        return (await self._session.execute(query)).mappings().all()

    async def find_avatar_key(self, user_id: UUID) -> str | None:
        """Also for a user who has left."""
        return await self._session.scalar(select(User.avatar_key).where(User.id == user_id))

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
