"""The use cases of pictures: taking them in, showing them in one place each, taking them away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID, uuid4

import structlog

from app.core.context import Context
from app.core.jobs import enqueue
from app.image import models
from app.image.exceptions import ImageNotAvailable
from app.image.repository import ImageRepository
from app.image.schemas import Image
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.user.policy import Viewer, ensure_terms_accepted
from app.user.schemas import Me
from app.user.service import UserService

if TYPE_CHECKING:
    from app.utils.pictures import Picture, Rendition

log = structlog.get_logger(__name__)

UNATTACHED_FOR = timedelta(hours=24)
SWEEP_BATCH = 200
KEYS_A_JOB = 500
PREFIXES = ("images/", "avatars/")
DELETE_OBJECTS = "image.delete_objects"


class ImageService:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._images = ImageRepository(ctx.session)
        self._users = UserService(ctx)
        self._records = RecordService(ctx)

    async def render(self, file: BinaryIO) -> Picture:
        """Make an upload harmless. Raises UnsupportedImage, InvalidImage.

        It takes up to a second and a turn in the queue, so that the caller holds no connection.
        """
        await self._ctx.let_go()
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

    async def change_avatar(self, viewer: Viewer, picture: Picture) -> Me:
        """Show a picture with the caller's name. Raises TermsRequired."""
        ensure_terms_accepted(viewer.terms_version, self._ctx.settings.terms_version)
        me, before = await self._users.set_avatar(viewer, await self._put_avatar(picture))
        await self._records.note(Act.CHANGED, Subject.PROFILE, viewer.user_id, viewer.user_id)
        await self._delete_objects_later([before] if before else [])
        return me

    async def adopt_avatar(self, user_id: UUID, picture: Picture) -> None:
        """Show a picture of somebody who chose none, unless they have done so meanwhile."""
        key = await self._put_avatar(picture)
        if not await self._users.set_first_avatar(user_id, key):
            await self._delete_objects_later([key])

    async def remove_avatar(self, viewer: Viewer) -> Me:
        me, before = await self._users.set_avatar(viewer, None)
        await self._delete_objects_later([before] if before else [])
        return me

    async def delete_objects(self, keys: Sequence[str]) -> None:
        """The job behind `discard`. Objects that are gone already are no error."""
        await self._ctx.storage.delete(keys)

    async def sweep_unattached(self) -> None:
        """Remove images that no post has taken up within a day."""
        before = self._ctx.clock() - UNATTACHED_FOR
        image_ids = await self._images.list_unattached_since(before, SWEEP_BATCH)
        if image_ids:
            await self.discard(image_ids)
            log.info("unattached_images_removed", count=len(image_ids))

    async def sweep_store(self) -> None:
        """Remove what lies in the store, over a day old, and no row names; say what was done.

        Such an object is what a crash left between storing it and committing its row.
        """
        before = self._ctx.clock() - UNATTACHED_FOR
        seen = removed = 0
        for prefix in PREFIXES:
            async for objects in self._ctx.storage.list_objects(prefix):
                old = [one.key for one in objects if one.modified_at < before]
                orphans = await self._images.list_unnamed(old)
                # Nobody waits for the store with a connection in hand.
                await self._ctx.let_go()
                await self._ctx.storage.delete(orphans)
                seen, removed = seen + len(objects), removed + len(orphans)
        log.info("store_swept", seen=seen, removed=removed)

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
            await enqueue(self._ctx.session, DELETE_OBJECTS, {"keys": list(keys)})

    def _describe(self, image: models.Image) -> Image:
        return Image(
            id=image.id,
            url=self._ctx.storage.url(image.key),
            thumbnail_url=self._ctx.storage.url(image.thumbnail_key),
            width=image.width,
            height=image.height,
            blurhash=image.blurhash,
        )
