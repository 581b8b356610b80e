"""What the worker does for images."""

from app.image.rows import (
    DELETE_OBJECTS,
    PLACE_OBJECTS,
    PLACE_OBJECTS_OF,
    SWEEP_STORE,
    StoredKeys,
    Sweep,
)
from app.image.service.images import ImageService
from app.image.service.placing import StoredPictureService
from app.jobs.definitions import AboutUser, Job, Periodic
from app.runtime.context import Context

MAX_CONCURRENT_UPLOADS = 2
"""Jobs of each of these two kinds. A store that hangs keeps fewer places than there are."""


async def delete_objects(ctx: Context, payload: StoredKeys) -> None:
    await ctx.service(StoredPictureService).delete_objects(payload.keys)


async def place_objects(ctx: Context, payload: StoredKeys) -> None:
    await ctx.service(StoredPictureService).place_objects(payload.keys)


async def place_objects_of(ctx: Context, payload: AboutUser) -> None:
    await ctx.service(StoredPictureService).place_objects_of(payload.user_id)


async def sweep_unattached(ctx: Context) -> None:
    await ctx.service(ImageService).sweep_unattached()


async def sweep_store(ctx: Context) -> None:
    await ctx.service(StoredPictureService).sweep_store(Sweep())


async def sweep_store_on(ctx: Context, payload: Sweep) -> None:
    await ctx.service(StoredPictureService).sweep_store(payload)


JOBS = [
    Job(DELETE_OBJECTS, delete_objects, at_once=MAX_CONCURRENT_UPLOADS),
    Job(PLACE_OBJECTS, place_objects, at_once=MAX_CONCURRENT_UPLOADS),
    Job(PLACE_OBJECTS_OF, place_objects_of, at_once=1),
    Job(SWEEP_STORE, sweep_store_on, at_once=1),
]
PERIODICS = [
    Periodic("image.sweep_unattached", "*/10 * * * *", sweep_unattached),
    Periodic("image.sweep_store", "47 3 * * *", sweep_store),
]
