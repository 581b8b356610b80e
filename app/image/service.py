"""The use cases of pictures: taking them in, showing them in one place each, taking them away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID, uuid4

import structlog

from app.core.errors import NotFound
from app.core.keyset import FIRST_ID
from app.image import models
from app.image.enums import Place
from app.image.exceptions import ImageNotAvailable
from app.image.repository import ImageRepository
from app.image.schemas import Image
from app.integrations.storage import HIDDEN, StoredObject, find_picture_key, hidden_key
from app.jobs import AboutUser, enqueue
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.user.policy import Viewer, ensure_terms_accepted
from app.user.schemas import Me, me_of
from app.user.service import ProfileService, UserService

if TYPE_CHECKING:
    from app.integrations.pictures.rendering import Picture, Rendition

log = structlog.get_logger(__name__)

UNATTACHED_FOR = timedelta(hours=24)
SWEEP_BATCH = 200
KEYS_A_JOB = 500
MOVES_AT_ONCE = 8
"""Each takes a thread of those that uploads and exports need as well."""

PREFIXES = ("images/", "avatars/")
DELETE_OBJECTS = "image.delete_objects"
PLACE_OBJECTS = "image.place_objects"
PLACE_OBJECTS_OF = "image.place_objects_of"


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """The payload of DELETE_OBJECTS and PLACE_OBJECTS."""

    keys: list[str]


class ImageService:
    _users = Needs(UserService)
    _profiles = Needs(ProfileService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._images = ImageRepository(ctx.session)

    async def render(self, file: BinaryIO) -> Picture:
        """Make an upload harmless. Raises UnsupportedImage, InvalidImage.

        It takes up to a second and a turn in the queue, so that the caller holds no connection.
        """
        await self._ctx.release_connection()
        return await self._ctx.pictures.render(file)

    async def add(self, viewer: Viewer, picture: Picture) -> Image:
        """Store a picture for a post to come. Nothing stays in the store if this fails."""
        folder = f"images/{uuid4()}"
        image = models.Image(
            owner_id=viewer.user_id,
            key=await self._put(f"{folder}/full.{picture.extension}", picture, picture.full),
            thumbnail_key=await self._put(
                f"{folder}/thumbnail.{picture.extension}", picture, picture.thumbnail
            ),
            width=picture.width,
            height=picture.height,
            blurhash=picture.blurhash,
        )
        # Only now: storing takes seconds, and leaving would wait for this transaction.
        await self._users.begin_write(viewer)
        added = await self._images.add(image)
        await self._records.note(Act.CREATED, Subject.IMAGE, added.id, viewer.user_id)
        return self._describe(added)

    async def attach(self, owner_id: UUID, image_ids: Sequence[UUID]) -> None:
        """Take up the owner's images for a post. Raises ImageNotAvailable if one is not free."""
        if await self._images.attach(owner_id, image_ids) != len(image_ids):
            raise ImageNotAvailable

    async def detach(self, image_ids: Sequence[UUID]) -> None:
        """Give images back to their owner, who may use them again within a day."""
        await self._images.detach(image_ids)

    async def discard(self, image_ids: Sequence[UUID]) -> None:
        """Remove images for good; their objects go by a job, once this is committed."""
        await self._delete_objects_later(await self._images.delete(image_ids))

    async def discard_all_of(self, owner_id: UUID, avatar_key: str | None) -> None:
        """As `discard`, for one who leaves."""
        keys = await self._images.delete_all_of(owner_id)
        gone = [*keys, *([avatar_key] if avatar_key else [])]
        for some in batched(gone, KEYS_A_JOB, strict=False):
            await self._delete_objects_later(some)

    # Hiding. The database says where an object belongs, and a job brings it there (ADR 0043).

    async def set_hidden(self, image_ids: Sequence[UUID], *, hidden: bool) -> None:
        """Take images away from their public addresses, or bring them back there."""
        keys = await self._images.set_hidden(image_ids, hidden)
        if keys:
            await enqueue(self._ctx.session, PLACE_OBJECTS, StoredKeys(keys), urgent=True)

    async def unpublish_all_of(self, user_id: UUID) -> None:
        """Have all objects of a leaver removed, without waiting for the erasing job.

        That job can take minutes, or wait for hours after a failure.
        """
        await enqueue(self._ctx.session, PLACE_OBJECTS_OF, AboutUser(user_id), urgent=True)

    async def place_objects(self, keys: Sequence[str]) -> None:
        """The job behind `set_hidden`: bring objects to where the database says they belong.

        An admin may restore what this job is just hiding. So the database is asked again after the
        work, and the job ends only once it has done what the database says.
        """
        done: Mapping[str, Place] | None = None
        while (places := await self._images.find_places(keys)) != done:
            # The store may be slow: no connection waits for it.
            await self._ctx.release_connection()
            await self._place_all(keys, places)
            done = places

    async def place_objects_of(self, user_id: UUID) -> None:
        """The job behind `unpublish_all_of`. Runs in parts, each as `place_objects`."""
        avatar_key = await self._images.find_avatar_key(user_id)
        await self.place_objects([avatar_key] if avatar_key else [])
        after_id = FIRST_ID
        while rows := await self._images.list_keys_of(user_id, after_id, SWEEP_BATCH):
            await self.place_objects([row[n] for row in rows for n in ("key", "thumbnail_key")])
            after_id = rows[-1]["id"]

    async def _place_all(self, keys: Sequence[str], places: Mapping[str, Place]) -> None:
        await self.delete_objects([key for key in keys if key not in places])
        for batch in batched(places.items(), MOVES_AT_ONCE, strict=False):
            moves = [self._place(key, place) for key, place in batch]
            # All of the batch end before a failure counts: none may go on behind the job's back.
            for failure in await asyncio.gather(*moves, return_exceptions=True):
                if isinstance(failure, BaseException):
                    raise failure

    async def _place(self, key: str, place: Place) -> None:
        """Move one object. Two jobs may do this at once, and each may die at any point.

        No picture is ever lost: the hidden copy is made before the public one is deleted, and it
        stays when the public one is brought back.
        """
        storage, hidden = self._ctx.storage, hidden_key(key)
        if place == Place.HIDDEN:
            if await storage.copy(key, hidden):
                await storage.delete([key])
        elif not await storage.exists(key):
            await storage.copy(hidden, key)

    async def read_for_admin(self, address: str) -> bytes:
        """A picture by the address that it has, or had before it was hidden. Raises NotFound."""
        key = find_picture_key(address)
        if key is None:
            raise NotFound
        await self._ctx.release_connection()
        for place in (key, hidden_key(key)):
            data = await self._ctx.storage.read(place)
            if data is not None:
                return data
        raise NotFound

    # Avatars

    async def change_avatar(self, viewer: Viewer, picture: Picture) -> Me:
        """Show a picture with the caller's name. Raises TermsRequired."""
        ensure_terms_accepted(viewer.terms_version, self._ctx.settings.terms_version)
        user, before = await self._profiles.set_avatar(viewer, await self._put_avatar(picture))
        await self._records.note(Act.CHANGED, Subject.PROFILE, viewer.user_id, viewer.user_id)
        await self._delete_objects_later([before] if before else [])
        return me_of(user, self._ctx.media_url)

    async def adopt_avatar(self, user_id: UUID, picture: Picture) -> None:
        """Show a picture of somebody who chose none, unless they have done so meanwhile."""
        key = await self._put_avatar(picture)
        if not await self._profiles.set_first_avatar(user_id, key):
            await self._delete_objects_later([key])

    async def remove_avatar(self, viewer: Viewer) -> Me:
        user, before = await self._profiles.set_avatar(viewer, None)
        await self._delete_objects_later([before] if before else [])
        return me_of(user, self._ctx.media_url)

    async def delete_objects(self, keys: Sequence[str]) -> None:
        """The job behind `discard`, hidden copies included. Those gone already are no error."""
        if keys:
            await self._ctx.storage.delete([*keys, *map(hidden_key, keys)])

    async def sweep_unattached(self) -> None:
        """Remove images that no post has taken up within a day."""
        before = self._ctx.clock() - UNATTACHED_FOR
        image_ids = await self._images.list_unattached_since(before, SWEEP_BATCH)
        if image_ids:
            await self.discard(image_ids)
            log.info("unattached_images_removed", count=len(image_ids))

    async def sweep_store(self) -> None:
        """Remove what lies in the store, over a day old, and no row names; say what was done.

        Such an object is what a crash left between storing it and committing its row. Objects in
        the wrong place are moved: that heals what a restored backup, or a job that was dropped,
        has left behind.
        """
        before = self._ctx.clock() - UNATTACHED_FOR
        seen = removed = 0
        for prefix in (*PREFIXES, *map(hidden_key, PREFIXES)):
            async for objects in self._ctx.storage.list_objects(prefix):
                removed += await self._sweep(objects, before)
                seen += len(objects)
        log.info("store_swept", seen=seen, removed=removed)

    async def _sweep(self, objects: Sequence[StoredObject], before: datetime) -> int:
        """Put some objects in order; how many were removed."""
        keys = {one.key.removeprefix(HIDDEN): one for one in objects}
        places = await self._images.find_places(list(keys))
        # The store may be slow: no connection waits for it.
        await self._ctx.release_connection()
        orphans = [
            one.key for key, one in keys.items() if key not in places and one.modified_at < before
        ]
        await self._ctx.storage.delete(orphans)
        await self.place_objects(
            [key for key, place in places.items() if not _lies_at(keys[key], place)]
        )
        return len(orphans)

    async def _put_avatar(self, picture: Picture) -> str:
        key = f"avatars/{uuid4()}.{picture.extension}"
        return await self._put(key, picture, picture.thumbnail)

    async def _put(self, key: str, picture: Picture, rendition: Rendition) -> str:
        storage = self._ctx.storage
        self._ctx.undo.append(partial(storage.delete, [key]))
        await storage.put(key, rendition.data, picture.content_type)
        return key

    async def _delete_objects_later(self, keys: Sequence[str]) -> None:
        if keys:
            payload = StoredKeys(list(keys))
            await enqueue(self._ctx.session, DELETE_OBJECTS, payload, urgent=True)

    def _describe(self, image: models.Image) -> Image:
        return Image(
            id=image.id,
            url=self._ctx.storage.url(image.key),
            thumbnail_url=self._ctx.storage.url(image.thumbnail_key),
            width=image.width,
            height=image.height,
            blurhash=image.blurhash,
        )


def _lies_at(one: StoredObject, place: Place) -> bool:
    return one.key.startswith(HIDDEN) == (place == Place.HIDDEN)
