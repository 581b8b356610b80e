"""Every SQL statement about images."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.picture_keys import registered_pictures
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query
from app.image.enums import ObjectLocation
from app.image.models import IMAGES, Image, belongs_hidden
from app.image.rows import OwnedImage, StoredImage
from app.user.models import AVATARS, User

_STORED = Query(
    StoredImage,
    select(Image.id, Image.key, Image.thumbnail_key)
    .where(
        Image.owner_id == bindparam("owner_id", type_=Uuid),
        Image.id > bindparam("after_id", type_=Uuid),
    )
    .order_by(Image.id)
    .limit(page_limit()),
)

_OWNED = Query(
    OwnedImage,
    select(Image.owner_id, Image.key, Image.thumbnail_key, Image.hidden.label("is_hidden"))
    .join(User, User.id == Image.owner_id)
    .where(Image.id == bindparam("image_id", type_=Uuid), User.left_at.is_(None)),
)

type Marking = ReturningUpdate[UUID, str, str]


def _marking(*conditions: ColumnElement[bool], **values: bool) -> Marking:
    marked = update(Image).where(*conditions).values(**values)
    return marked.returning(Image.id, Image.key, Image.thumbnail_key)


_IMAGE_IDS = bindparam("image_ids", type_=ARRAY(Uuid))
_ARE_THESE = Image.id == func.any(_IMAGE_IDS)
_NOTE_REVIEW = _marking(_ARE_THESE, Image.needs_review.is_(True), needs_review=False)
# Locked as in `attach`: the owner may have detached them, and use them right now.
_LOCKED = select(Image.id).where(_ARE_THESE).order_by(Image.id).with_for_update()
_REQUIRE_REVIEW = _marking(Image.id.in_(_LOCKED), needs_review=True)
_SET_HIDDEN = {
    hidden: _marking(_ARE_THESE, Image.hidden.is_not(hidden), hidden=hidden)
    for hidden in (True, False)
}
_DELETE = delete(Image).where(_ARE_THESE).returning(Image.key, Image.thumbnail_key)


def _pictures_of_no_user(key: ColumnElement[str]) -> list[Select[str, ObjectLocation]]:
    """Pictures that higher features have registered, such as the covers of lounges."""
    others = [keys for keys in registered_pictures() if keys not in (IMAGES, AVATARS)]
    columns = [column for keys in others for column in keys.columns]
    return [
        select(key, literal(ObjectLocation.PUBLIC)).join(column.class_, column == key)
        for column in columns
    ]


class ImageRepository(Repository):
    async def add(self, image: Image) -> Image:
        return await self._db.add(image)

    async def attach(self, owner_id: UUID, image_ids: Sequence[UUID]) -> Sequence[bool]:
        """Mark the owner's free images as used; returns for each whether it needs a review."""
        # Locked in the order of their ids, so that two posts with the same images do not deadlock.
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
            .returning(Image.needs_review)
        )
        return await self._db.all(taken)

    async def note_review(self, image_ids: Sequence[UUID]) -> Sequence[StoredImage]:
        """Marks the images as reviewed; returns those that needed it."""
        return await self._mark(_NOTE_REVIEW, image_ids)

    async def require_review(self, image_ids: Sequence[UUID]) -> Sequence[StoredImage]:
        return await self._mark(_REQUIRE_REVIEW, image_ids)

    async def _mark(self, mark: Marking, image_ids: Sequence[UUID]) -> Sequence[StoredImage]:
        return [StoredImage(*row) for row in await self._db.all(mark, image_ids=image_ids)]

    async def detach(self, image_ids: Sequence[UUID]) -> None:
        await self._db.execute(
            update(Image).where(Image.id.in_(image_ids)).values(unattached_since=func.now())
        )

    async def delete(self, image_ids: Sequence[UUID]) -> list[str]:
        """Returns the keys of their objects."""
        deleted = await self._db.all(_DELETE, image_ids=image_ids)
        return [key for row in deleted for key in row]

    async def delete_some_of(self, owner_id: UUID, limit: int) -> list[str]:
        some = select(Image.id).where(Image.owner_id == owner_id).order_by(Image.id).limit(limit)
        locked = select(materialized(some.with_for_update()).c.id)
        deleted = (
            delete(Image).where(Image.id.in_(locked)).returning(Image.key, Image.thumbnail_key)
        )
        return [key for row in await self._db.all(deleted) for key in row]

    async def set_hidden(self, image_ids: Sequence[UUID], hidden: bool) -> Sequence[StoredImage]:
        """Returns those whose mark changed."""
        return await self._mark(_SET_HIDDEN[hidden], image_ids)

    async def find_places(self, keys: Sequence[str]) -> dict[str, ObjectLocation]:
        """Where the objects with these keys belong.

        The result lacks a key that nothing has, or whose owner has left.
        """
        if not keys:
            return {}
        given = func.unnest(cast(keys, ARRAY(Text))).column_valued("given")
        image = case(
            (belongs_hidden(), literal(ObjectLocation.HIDDEN)), else_=literal(ObjectLocation.PUBLIC)
        )
        # One select for each index: with an OR in one join PostgreSQL may use none of them.
        images = [
            select(given, image).join(Image, column == given).join(User, User.id == Image.owner_id)
            for column in IMAGES.columns
        ]
        avatars = [
            select(given, literal(ObjectLocation.PUBLIC)).join(User, column == given)
            for column in AVATARS.columns
        ]
        of_users = [part.where(User.left_at.is_(None)) for part in images + avatars]
        query = union_all(*of_users, *_pictures_of_no_user(given))
        rows = await self._db.all(query)
        return {key: ObjectLocation(place) for key, place in rows}

    async def list_stored_of(
        self, owner_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[StoredImage]:
        """In the order of their ids."""
        return await self._db.all(_STORED, owner_id=owner_id, after_id=after_id, row_limit=limit)

    async def find_owned(self, image_id: UUID) -> OwnedImage | None:
        """None also of a user who has left."""
        return await self._db.first(_OWNED, image_id=image_id)

    async def find_avatar_key(self, user_id: UUID) -> str | None:
        """Also for a user who has left."""
        return await self._db.first(select(User.avatar_key).where(User.id == user_id))

    async def list_unattached_since(self, moment: datetime, limit: int) -> Sequence[UUID]:
        """Lock the images that no post has used since a moment. Skips those that are locked."""
        query = (
            select(Image.id)
            .where(Image.unattached_since < moment)
            .order_by(Image.unattached_since)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return await self._db.all(query)
