"""What the worker does for images."""

from typing import Any

from app.core.context import Context
from app.core.jobs import Job, Periodic
from app.image.service import DELETE_OBJECTS, ImageService


async def delete_objects(ctx: Context, payload: dict[str, Any]) -> None:
    await ImageService(ctx).delete_objects(payload["keys"])


async def sweep_unattached(ctx: Context) -> None:
    await ImageService(ctx).sweep_unattached()


async def sweep_store(ctx: Context) -> None:
    await ImageService(ctx).sweep_store()


JOBS = [Job(DELETE_OBJECTS, delete_objects)]
PERIODICS = [
    Periodic("image.sweep_unattached", "*/10 * * * *", sweep_unattached),
    Periodic("image.sweep_store", "47 3 * * *", sweep_store),
]
