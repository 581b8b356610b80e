"""The use cases of images: upload, show, hide and delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import batched
from typing import BinaryIO
from uuid import UUID, uuid4

import structlog

from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.core.errors import NotFound
from app.core.metrics import PICTURE_CHECKS
from app.core.picture_keys import PictureKeys
from app.image.enums import PictureSize
from app.image.exceptions import ImageNotAvailable
from app.image.models import IMAGES, Image
from app.image.policy import is_shown_to_owner, must_be_reviewed
from app.image.repository import ImageRepository
from app.image.rows import (
    DELETE_OBJECTS,
    PLACE_OBJECTS,
    PLACE_OBJECTS_OF,
    CheckedPicture,
    PostImage,
    StoredImage,
    StoredKeys,
    private_url,
)
from app.integrations.hooks.picture_check import Decision, PictureKind, decide
from app.integrations.outbound_http import OutboundFailed
from app.integrations.pictures.picture import Picture, Rendition
from app.integrations.storage.keys import find_picture_key, hidden_key
from app.jobs.definitions import AboutUser
from app.jobs.enqueue import enqueue
from app.runtime.batches import commit_batches
from app.runtime.context import Needs, Service
from app.user.models import AVATARS
from app.user.policy import MODERATOR, Viewer
from app.user.rows import Me
from app.user.service.profiles import ProfileService
from app.user.service.sessions import SessionService
from app.user.service.users import UserService

log = structlog.get_logger(__name__)

UNATTACHED_FOR = timedelta(hours=24)
SWEEP_BATCH, SWEEP_BATCHES = 200, 50
"""How many images a transaction of the sweep takes, and how many transactions one sweep has. A
sweep every ten minutes removes more in a day than many users may upload.
"""

_REVIEWED = "reviewed"
"""Under this value `ctx.revocable` notes each image whose review the act ended."""

KEYS_A_JOB = 500
ERASE_BATCH = 1_000
"""How many images of a leaver a statement deletes."""


class ImageService(Service):
    _users = Needs(UserService)
    _profiles = Needs(ProfileService)
    _sessions = Needs(SessionService)
    _records = Needs(ConnectionLogService)
    _images = Needs(ImageRepository)

    async def render(self, file: BinaryIO) -> Picture:
        """Decode and encode an upload again. Raises UnsupportedImage, InvalidImage.

        This waits in a queue and takes up to a second, so it releases the connection first.
        """
        await self._ctx.release_connection()
        return await self._ctx.process.pictures.render(file)

    async def render_checked(self, file: BinaryIO, kind: PictureKind) -> CheckedPicture:
        """Like `render`, and asks the operator's check about the result, if there is one.

        Raises PictureRefused and PictureNotChecked, too.
        """
        picture = await self.render(file)
        if self._ctx.settings.picture_check_url is None:
            return CheckedPicture(picture, needs_review=False)
        decision = await self._ask_about(picture, kind)
        PICTURE_CHECKS.labels(decision or "failed").inc()
        return CheckedPicture(picture, must_be_reviewed(decision, kind))

    async def _ask_about(self, picture: Picture, kind: PictureKind) -> Decision | None:
        """None if the service does not answer in time."""
        data, content_type, ctx = picture.full.data, picture.content_type, self._ctx
        try:
            return await decide(
                ctx.process.outbound, ctx.settings, data, content_type, kind, ctx.clock()
            )
        except OutboundFailed as error:
            log.warning("picture_check_failed", reason=str(error))
            return None

    async def add(self, viewer: Viewer, checked: CheckedPicture) -> PostImage:
        """Store an image for a later post. Nothing stays in the store if this fails.

        One that needs a review is stored where no public address leads. Raises SessionRevoked,
        AccountSuspended.
        """
        picture, put = checked.picture, self._put_hidden if checked.needs_review else self._put
        folder = f"{IMAGES.prefix}{uuid4()}"
        image = Image(
            owner_id=viewer.user_id,
            key=await put(f"{folder}/full.{picture.extension}", picture, picture.full),
            thumbnail_key=await put(
                f"{folder}/thumbnail.{picture.extension}", picture, picture.thumbnail
            ),
            width=picture.width,
            height=picture.height,
            blurhash=picture.blurhash,
            needs_review=checked.needs_review,
        )
        # After storing, which takes seconds: a user who leaves waits for this transaction.
        await self._users.late(viewer)
        added = await self._images.add(image)
        await self._records.note(RecordedAct.CREATED, Subject.IMAGE, added.id, viewer.user_id)
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
        """A post with these images is shown: none of them needs a review any more.

        They get their public addresses.
        """
        reviewed = await self._images.note_review(image_ids)
        await self._place_later(reviewed)
        if self._ctx.revocable is not None:
            kept = {str(image.id): _REVIEWED for image in reviewed}
            self._ctx.revocable.kept.update(kept)

    async def take_back_reviews(self, kept: Mapping[str, str]) -> None:
        """Reverses `note_review` for an act that is undone.

        Call it once the posts are locked, and before notifications and counts change.
        """
        image_ids = [UUID(id_) for id_, text in kept.items() if text == _REVIEWED]
        if image_ids:
            await self._place_later(await self._images.require_review(image_ids))

    async def detach(self, image_ids: Sequence[UUID]) -> None:
        """The owner may use the images again within a day."""
        await self._images.detach(image_ids)

    async def discard(self, image_ids: Sequence[UUID]) -> None:
        """Delete images. A job deletes their objects after the commit."""
        await self._delete_objects_later(await self._images.delete(image_ids))

    async def discard_all_of(self, owner_id: UUID, avatar_key: str | None) -> None:
        """Deletes all images and the avatar of a user who has left, as `discard` does."""
        await self._delete_objects_later([avatar_key] if avatar_key else [])
        while keys := await self._images.delete_some_of(owner_id, ERASE_BATCH):
            for batch in batched(keys, KEYS_A_JOB, strict=False):
                await self._delete_objects_later(batch)

    # Hiding. The database says where an object belongs, and a job moves it there (ADR 0043).

    async def set_hidden(self, image_ids: Sequence[UUID], *, hidden: bool) -> None:
        """Move images away from their public addresses, or back."""
        await self._place_later(await self._images.set_hidden(image_ids, hidden))

    async def _place_later(self, images: Sequence[StoredImage]) -> None:
        keys = [key for image in images for key in (image.key, image.thumbnail_key)]
        for batch in batched(keys, KEYS_A_JOB, strict=False):
            await enqueue(self._ctx.db, PLACE_OBJECTS, StoredKeys([*batch]), urgent=True)

    async def unpublish_all_of(self, user_id: UUID) -> None:
        """Remove all objects of a user who leaves, before the job that erases the account.

        That job can take minutes, or wait for hours after a failure.
        """
        await enqueue(self._ctx.db, PLACE_OBJECTS_OF, AboutUser(user_id), urgent=True)

    async def read_for_admin(self, address: str) -> bytes:
        """An image by its public address, hidden or not. Raises NotFound."""
        key = find_picture_key(address)
        if key is None:
            raise NotFound
        return await self._read(key)

    async def read(self, viewer: Viewer, image_id: UUID, size: PictureSize) -> bytes:
        """An image for its owner, an admin or a moderator, wherever it is.

        Raises NotFound for all others.
        """
        image = await self._images.find_owned(image_id)
        if image is None:
            raise NotFound
        is_shown = is_shown_to_owner(viewer, image)
        if not is_shown and not await self._sessions.is_admitted(viewer, MODERATOR):
            raise NotFound
        return await self._read(image.key if size == PictureSize.FULL else image.thumbnail_key)

    async def _read(self, key: str) -> bytes:
        await self._ctx.release_connection()
        for place in (key, hidden_key(key)):
            data = await self._ctx.process.storage.read(place)
            if data is not None:
                return data
        raise NotFound

    # Avatars

    async def change_avatar(self, viewer: Viewer, picture: Picture) -> Me:
        """Show an image with the caller's name. Raises SessionRevoked, AccountSuspended."""
        user, before = await self._profiles.set_avatar(viewer, await self._put_avatar(picture))
        await self._records.note(
            RecordedAct.CHANGED, Subject.PROFILE, viewer.user_id, viewer.user_id
        )
        await self._delete_objects_later([before] if before else [])
        return await self._profiles.me_of(user)

    async def adopt_avatar(self, user_id: UUID, picture: Picture) -> None:
        """Set a user's first avatar. Does nothing if they have an avatar by now."""
        key = await self._put_avatar(picture)
        if not await self._profiles.set_first_avatar(user_id, key):
            await self._delete_objects_later([key])

    async def remove_avatar(self, viewer: Viewer) -> Me:
        user, before = await self._profiles.set_avatar(viewer, None)
        await self._delete_objects_later([before] if before else [])
        return await self._profiles.me_of(user)

    # Pictures of other features

    async def store(self, picture: Picture, keys: PictureKeys) -> str:
        """Returns the picture's key."""
        key = f"{keys.prefix}{uuid4()}.{picture.extension}"
        return await self._put(key, picture, picture.full)

    async def discard_key(self, key: str) -> None:
        """Deletes the picture after the commit."""
        await self._delete_objects_later([key])

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

    async def _put_avatar(self, picture: Picture) -> str:
        key = f"{AVATARS.prefix}{uuid4()}.{picture.extension}"
        return await self._put(key, picture, picture.thumbnail)

    async def _put(self, key: str, picture: Picture, rendition: Rendition) -> str:
        await self._put_at(key, picture, rendition)
        return key

    async def _put_hidden(self, key: str, picture: Picture, rendition: Rendition) -> str:
        """Stores the object where hidden ones are. Returns its public key all the same."""
        await self._put_at(hidden_key(key), picture, rendition)
        return key

    async def _put_at(self, place: str, picture: Picture, rendition: Rendition) -> None:
        storage = self._ctx.process.storage
        self._ctx.if_rolled_back.append(partial(storage.delete, [place]))
        await storage.put(place, rendition.data, picture.content_type)

    async def _delete_objects_later(self, keys: Sequence[str]) -> None:
        if keys:
            payload = StoredKeys(list(keys))
            await enqueue(self._ctx.db, DELETE_OBJECTS, payload, urgent=True)

    def _describe(self, image: Image) -> PostImage:
        url, thumbnail_url = map(self._ctx.process.storage.url, (image.key, image.thumbnail_key))
        if image.needs_review:
            url, thumbnail_url = (
                private_url(self._ctx.base_url, image.id, size) for size in PictureSize
            )
        return PostImage(
            id=image.id,
            url=url,
            thumbnail_url=thumbnail_url,
            width=image.width,
            height=image.height,
            blurhash=image.blurhash,
        )
