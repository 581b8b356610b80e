"""The use cases of pictures: upload, show, hide, delete, and keep the store in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID, uuid4

import structlog

from app.core.errors import NotFound
from app.core.keyset import FIRST_ID
from app.core.metrics import PICTURE_CHECKS
from app.core.picture_keys import PictureKeys, registered_pictures
from app.image.enums import Place
from app.image.exceptions import ImageNotAvailable
from app.image.models import IMAGES, Image
from app.image.policy import must_be_reviewed
from app.image.repository import ImageRepository
from app.image.rows import CheckedPicture, ImageRow
from app.integrations.hooks import Decision, HookFailed, PictureKind, decide
from app.integrations.storage import HIDDEN, StoredObject, find_picture_key, hidden_key
from app.jobs import AboutUser, enqueue
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.batches import commit_batches
from app.runtime.context import Context, Needs
from app.user.models import AVATARS
from app.user.policy import Viewer
from app.user.schemas import Me, me_of
from app.user.service import ProfileService, UserService

if TYPE_CHECKING:
    from app.integrations.pictures.rendering import Picture, Rendition

log = structlog.get_logger(__name__)

UNATTACHED_FOR = timedelta(hours=24)
SWEEP_BATCH, SWEEP_BATCHES = 200, 50
"""How many images a transaction of the sweep takes, and how many transactions one sweep has. A
sweep every ten minutes removes more in a day than many users may upload.
"""

_REVIEWED = "reviewed"
"""Kept for undo, by the id of an image: the act took its mark."""

KEYS_A_JOB = 500
ERASE_BATCH = 1_000
"""How many images of a leaver a statement deletes."""

MOVES_AT_ONCE = 8
"""Each takes one of the threads that uploads and exports need too."""

DELETE_OBJECTS = "image.delete_objects"
PLACE_OBJECTS = "image.place_objects"
PLACE_OBJECTS_OF = "image.place_objects_of"
SWEEP_STORE = "image.sweep_store_on"

BATCHES_SWEPT = 20
"""Batches of a thousand objects in one job: some seconds of its five minutes."""


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """The payload of DELETE_OBJECTS and PLACE_OBJECTS."""

    keys: list[str]


@dataclass(frozen=True, slots=True)
class Sweep:
    """The payload of SWEEP_STORE: how far the sweep of the store has come."""

    after: str = ""
    seen: int = 0
    removed: int = 0


class ImageService:
    _users = Needs(UserService)
    _profiles = Needs(ProfileService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._images = ImageRepository(ctx.session)

    async def render(self, file: BinaryIO) -> Picture:
        """Decode and encode an upload again. Raises UnsupportedImage, InvalidImage.

        This waits in a queue and takes up to a second, so it releases the connection first.
        """
        await self._ctx.release_connection()
        return await self._ctx.pictures.render(file)

    async def render_checked(self, file: BinaryIO, kind: PictureKind) -> CheckedPicture:
        """As `render`, and ask the operator's check about the result, if there is one.

        Raises PictureRefused and PictureNotChecked, too.
        """
        picture = await self.render(file)
        if self._ctx.settings.picture_check_url is None:
            return CheckedPicture(picture, needs_review=False)
        decision = await self._ask_about(picture, kind)
        PICTURE_CHECKS.labels(decision or "failed").inc()
        return CheckedPicture(picture, must_be_reviewed(decision, kind))

    async def _ask_about(self, picture: Picture, kind: PictureKind) -> Decision | None:
        """None without a usable answer in time."""
        data, content_type = picture.full.data, picture.content_type
        try:
            return await decide(self._ctx.hooks, self._ctx.settings, data, content_type, kind)
        except HookFailed as error:
            log.warning("picture_check_failed", reason=str(error))
            return None

    async def add(self, viewer: Viewer, checked: CheckedPicture) -> ImageRow:
        """Store a picture for a later post. Nothing stays in the store if this fails.

        Raises SessionRevoked, AccountSuspended.
        """
        picture = checked.picture
        folder = f"{IMAGES.prefix}{uuid4()}"
        image = Image(
            owner_id=viewer.user_id,
            key=await self._put(f"{folder}/full.{picture.extension}", picture, picture.full),
            thumbnail_key=await self._put(
                f"{folder}/thumbnail.{picture.extension}", picture, picture.thumbnail
            ),
            width=picture.width,
            height=picture.height,
            blurhash=picture.blurhash,
            needs_review=checked.needs_review,
        )
        # After storing, which takes seconds: a user who leaves waits for this transaction.
        await self._users.begin_late_write(viewer)
        added = await self._images.add(image)
        await self._records.note(Act.CREATED, Subject.IMAGE, added.id, viewer.user_id)
        return self._describe(added)

    async def attach(self, owner_id: UUID, image_ids: Sequence[UUID]) -> bool:
        """Use the owner's images for a post. Returns whether one of them needs a review.

        Raises ImageNotAvailable if one is not free.
        """
        need_review = await self._images.attach(owner_id, image_ids)
        if len(need_review) != len(image_ids):
            raise ImageNotAvailable
        return any(need_review)

    async def note_review(self, image_ids: Sequence[UUID]) -> None:
        """An admin shows a post with these images: none of them needs a review any more."""
        reviewed = await self._images.note_review(image_ids)
        if self._ctx.revocable is not None:
            self._ctx.revocable.kept.update(dict.fromkeys(map(str, reviewed), _REVIEWED))

    async def take_back_reviews(self, kept: Mapping[str, str]) -> None:
        """The act that kept this is taken back: what it reviewed needs a review again.

        Call it once the posts are locked, and before notifications and counts change.
        """
        image_ids = [UUID(id_) for id_, text in kept.items() if text == _REVIEWED]
        if image_ids:
            await self._images.require_review(image_ids)

    async def detach(self, image_ids: Sequence[UUID]) -> None:
        """Give images back to their owner, who may use them again within a day."""
        await self._images.detach(image_ids)

    async def discard(self, image_ids: Sequence[UUID]) -> None:
        """Delete images. A job deletes their objects after the commit."""
        await self._delete_objects_later(await self._images.delete(image_ids))

    async def discard_all_of(self, owner_id: UUID, avatar_key: str | None) -> None:
        """As `discard`, for a user who has left: all images and the avatar."""
        await self._delete_objects_later([avatar_key] if avatar_key else [])
        while keys := await self._images.delete_some_of(owner_id, ERASE_BATCH):
            for batch in batched(keys, KEYS_A_JOB, strict=False):
                await self._delete_objects_later(batch)

    # Hiding. The database says where an object belongs, and a job moves it there (ADR 0043).

    async def set_hidden(self, image_ids: Sequence[UUID], *, hidden: bool) -> None:
        """Move images away from their public addresses, or back."""
        keys = await self._images.set_hidden(image_ids, hidden)
        for batch in batched(keys, KEYS_A_JOB, strict=False):
            await enqueue(self._ctx.session, PLACE_OBJECTS, StoredKeys([*batch]), urgent=True)

    async def unpublish_all_of(self, user_id: UUID) -> None:
        """Remove all objects of a user who leaves, before the job that erases the account.

        That job can take minutes, or wait for hours after a failure.
        """
        await enqueue(self._ctx.session, PLACE_OBJECTS_OF, AboutUser(user_id), urgent=True)

    async def place_objects(self, keys: Sequence[str]) -> None:
        """The job behind `set_hidden`: move objects to where the database says they belong.

        An admin may restore a post while this job hides its pictures. So the job asks the database
        again after its work, and ends when the answer is the same as before.
        """
        done: Mapping[str, Place] | None = None
        while (places := await self._images.find_places(keys)) != done:
            # The store may be slow, and must not occupy a connection.
            await self._ctx.release_connection()
            await self._place_all(keys, places)
            done = places

    async def place_objects_of(self, user_id: UUID) -> None:
        """The job behind `unpublish_all_of`. Works in batches, each as `place_objects`."""
        avatar_key = await self._images.find_avatar_key(user_id)
        await self.place_objects([avatar_key] if avatar_key else [])
        after_id = FIRST_ID
        while images := await self._images.list_stored_of(user_id, after_id, SWEEP_BATCH):
            await self.place_objects([key for i in images for key in (i.key, i.thumbnail_key)])
            after_id = images[-1].id

    async def _place_all(self, keys: Sequence[str], places: Mapping[str, Place]) -> None:
        await self.delete_objects([key for key in keys if key not in places])
        for batch in batched(places.items(), MOVES_AT_ONCE, strict=False):
            moves = [self._place(key, place) for key, place in batch]
            # Wait for all moves before raising: none may go on after the job has ended.
            for failure in await asyncio.gather(*moves, return_exceptions=True):
                if isinstance(failure, BaseException):
                    raise failure

    async def _place(self, key: str, place: Place) -> None:
        """Move one object. Two jobs may do this at the same time, and each may die at any point.

        No picture is lost: the hidden copy is made before the public one is deleted, and it stays
        when the public one is restored.
        """
        storage, hidden = self._ctx.storage, hidden_key(key)
        if place == Place.HIDDEN:
            if await storage.copy(key, hidden):
                await storage.delete([key])
        elif not await storage.exists(key):
            await storage.copy(hidden, key)

    async def read_for_admin(self, address: str) -> bytes:
        """A picture by its public address, hidden or not. Raises NotFound."""
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
        """Show a picture with the caller's name. Raises SessionRevoked, AccountSuspended."""
        user, before = await self._profiles.set_avatar(viewer, await self._put_avatar(picture))
        await self._records.note(Act.CHANGED, Subject.PROFILE, viewer.user_id, viewer.user_id)
        await self._delete_objects_later([before] if before else [])
        return me_of(user, self._ctx.media_url)

    async def adopt_avatar(self, user_id: UUID, picture: Picture) -> None:
        """Set a user's first avatar. Does nothing if they have an avatar by now."""
        key = await self._put_avatar(picture)
        if not await self._profiles.set_first_avatar(user_id, key):
            await self._delete_objects_later([key])

    async def remove_avatar(self, viewer: Viewer) -> Me:
        user, before = await self._profiles.set_avatar(viewer, None)
        await self._delete_objects_later([before] if before else [])
        return me_of(user, self._ctx.media_url)

    # Pictures of other features

    async def store(self, picture: Picture, keys: PictureKeys) -> str:
        """Store a picture of another feature; returns its key."""
        key = f"{keys.prefix}{uuid4()}.{picture.extension}"
        return await self._put(key, picture, picture.full)

    async def discard_key(self, key: str) -> None:
        """Delete a picture that was stored so, after the commit."""
        await self._delete_objects_later([key])

    async def delete_objects(self, keys: Sequence[str]) -> None:
        """The job behind `discard`: delete objects and their hidden copies, if any."""
        if keys:
            await self._ctx.storage.delete([*keys, *map(hidden_key, keys)])

    async def sweep_unattached(self) -> None:
        """Delete images that no post has used within a day."""
        before = self._ctx.clock() - UNATTACHED_FOR

        async def sweep() -> int:
            # This locks them: a post that wants one waits for a batch, not for the whole sweep.
            image_ids = await self._images.list_unattached_since(before, SWEEP_BATCH)
            await self.discard(image_ids)
            return len(image_ids)

        removed = await commit_batches(self._ctx, sweep, SWEEP_BATCH, SWEEP_BATCHES)
        if removed:
            log.info("unattached_images_removed", count=removed)

    async def sweep_store(self, done: Sweep) -> None:
        """Delete objects over a day old that no row names, and move those in the wrong place.

        A crash between storing an object and committing its row leaves an object without a row. A
        restored backup or a dropped job leaves objects in the wrong place. After some batches a
        job goes on behind the last object, so that a store of any size is swept.
        """
        before, batches = self._ctx.clock() - UNATTACHED_FOR, 0
        async for objects in self._list_store(done.after):
            removed = await self._sweep(objects, before)
            done = Sweep(objects[-1].key, done.seen + len(objects), done.removed + removed)
            batches += 1
            if batches == BATCHES_SWEPT:
                await enqueue(self._ctx.session, SWEEP_STORE, done)
                return
        log.info("store_swept", seen=done.seen, removed=done.removed)

    async def _list_store(self, after: str) -> AsyncIterator[list[StoredObject]]:
        """All objects behind a key, in batches: prefix after prefix."""
        public = [keys.prefix for keys in registered_pictures()]
        prefixes = [*public, *map(hidden_key, public)]
        begun = [prefix for prefix in prefixes if after.startswith(prefix)]
        for prefix in prefixes[prefixes.index(begun[0]) if begun else 0 :]:
            behind = after if prefix in begun else ""
            async for objects in self._ctx.storage.list_objects(prefix, behind):
                if objects:
                    yield objects

    async def _sweep(self, objects: Sequence[StoredObject], before: datetime) -> int:
        """As `sweep_store`, for some objects; returns how many were deleted."""
        by_key = {stored.key.removeprefix(HIDDEN): stored for stored in objects}
        places = await self._images.find_places(list(by_key))
        # The store may be slow, and must not occupy a connection.
        await self._ctx.release_connection()
        orphans = [
            stored.key
            for key, stored in by_key.items()
            if key not in places and stored.modified_at < before
        ]
        await self._ctx.storage.delete(orphans)
        await self.place_objects(
            [key for key, place in places.items() if not _is_at(by_key[key], place)]
        )
        return len(orphans)

    async def _put_avatar(self, picture: Picture) -> str:
        key = f"{AVATARS.prefix}{uuid4()}.{picture.extension}"
        return await self._put(key, picture, picture.thumbnail)

    async def _put(self, key: str, picture: Picture, rendition: Rendition) -> str:
        storage = self._ctx.storage
        self._ctx.if_rolled_back.append(partial(storage.delete, [key]))
        await storage.put(key, rendition.data, picture.content_type)
        return key

    async def _delete_objects_later(self, keys: Sequence[str]) -> None:
        if keys:
            payload = StoredKeys(list(keys))
            await enqueue(self._ctx.session, DELETE_OBJECTS, payload, urgent=True)

    def _describe(self, image: Image) -> ImageRow:
        return ImageRow(
            id=image.id,
            url=self._ctx.storage.url(image.key),
            thumbnail_url=self._ctx.storage.url(image.thumbnail_key),
            width=image.width,
            height=image.height,
            blurhash=image.blurhash,
        )


def _is_at(stored: StoredObject, place: Place) -> bool:
    return stored.key.startswith(HIDDEN) == (place == Place.HIDDEN)
