"""The objects of images in the store: deletes them, moves them, and keeps the store in order."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from itertools import batched
from uuid import UUID

import structlog

from app.core.keyset import FIRST_ID
from app.core.picture_keys import registered_pictures
from app.image.enums import ObjectLocation
from app.image.repository import ImageRepository
from app.image.rows import SWEEP_STORE, Sweep
from app.image.service.images import UNATTACHED_FOR
from app.integrations.storage.base import StoredObject
from app.integrations.storage.keys import HIDDEN, hidden_key
from app.jobs.enqueue import enqueue
from app.runtime.context import Needs, Service

log = structlog.get_logger(__name__)

OWNED_BATCH = 200
"""How many images of one owner a statement lists."""

MOVES_AT_ONCE = 8
"""Each takes one of the threads that uploads and exports need too."""

BATCHES_SWEPT = 20
"""Batches of a thousand objects in one job: some seconds of its five minutes."""


class StoredPictureService(Service):
    _images = Needs(ImageRepository)

    async def delete_objects(self, keys: Sequence[str]) -> None:
        """The job behind `discard`: delete objects and their hidden copies, if any."""
        if keys:
            await self._ctx.process.storage.delete([*keys, *map(hidden_key, keys)])

    async def place_objects(self, keys: Sequence[str]) -> None:
        """The job behind `set_hidden`: move objects to where the database says they belong.

        An admin may restore a post while this job hides its images. So the job asks the database
        again after its work, and ends when the answer is the same as before.
        """
        done: Mapping[str, ObjectLocation] | None = None
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
        while images := await self._images.list_stored_of(user_id, after_id, OWNED_BATCH):
            await self.place_objects([key for i in images for key in (i.key, i.thumbnail_key)])
            after_id = images[-1].id

    async def _place_all(self, keys: Sequence[str], places: Mapping[str, ObjectLocation]) -> None:
        await self.delete_objects([key for key in keys if key not in places])
        for batch in batched(places.items(), MOVES_AT_ONCE, strict=False):
            moves = [self._place(key, place) for key, place in batch]
            # Wait for all moves before raising: none may go on after the job has ended.
            for failure in await asyncio.gather(*moves, return_exceptions=True):
                if isinstance(failure, BaseException):
                    raise failure

    async def _place(self, key: str, place: ObjectLocation) -> None:
        """Move one object. Two jobs may do this at the same time, and each may die at any point.

        No image is lost: the hidden copy is made before the public one is deleted, and it stays
        when the public one is restored.
        """
        storage, hidden = self._ctx.process.storage, hidden_key(key)
        if place == ObjectLocation.HIDDEN:
            if await storage.copy(key, hidden):
                await storage.delete([key])
        elif not await storage.exists(key):
            await storage.copy(hidden, key)

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
                await enqueue(self._ctx.db, SWEEP_STORE, done)
                return
        log.info("store_swept", seen=done.seen, removed=done.removed)

    async def _list_store(self, after: str) -> AsyncIterator[list[StoredObject]]:
        """All objects behind a key, in batches: prefix after prefix."""
        public = [keys.prefix for keys in registered_pictures()]
        prefixes = [*public, *map(hidden_key, public)]
        begun = [prefix for prefix in prefixes if after.startswith(prefix)]
        for prefix in prefixes[prefixes.index(begun[0]) if begun else 0 :]:
            behind = after if prefix in begun else ""
            async for objects in self._ctx.process.storage.list_objects(prefix, behind):
                if objects:
                    yield objects

    async def _sweep(self, objects: Sequence[StoredObject], before: datetime) -> int:
        """`sweep_store` for some objects; returns how many were deleted."""
        by_key = {stored.key.removeprefix(HIDDEN): stored for stored in objects}
        places = await self._images.find_places(list(by_key))
        # The store may be slow, and must not occupy a connection.
        await self._ctx.release_connection()
        orphans = [
            stored.key
            for key, stored in by_key.items()
            if key not in places and stored.modified_at < before
        ]
        await self._ctx.process.storage.delete(orphans)
        await self.place_objects(
            [key for key, place in places.items() if not _is_at(by_key[key], place)]
        )
        return len(orphans)


def _is_at(stored: StoredObject, place: ObjectLocation) -> bool:
    return stored.key.startswith(HIDDEN) == (place == ObjectLocation.HIDDEN)
