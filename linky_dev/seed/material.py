"""Makes pictures and password hashes, before the transaction begins, since that takes seconds."""

import secrets
from io import BytesIO

import anyio
from anyio import CapacityLimiter, to_thread

from app.image.service import ImageService
from app.integrations.pictures.rendering import Picture
from app.runtime.runtime import Runtime
from linky_dev.seed.community import Material
from linky_dev.seed.drawing import AVATARS, PICTURES, draw
from linky_dev.seed.members import MEMBERS
from linky_dev.seed.progress import PICTURE_STEPS, Progress
from linky_dev.seed.story import DemoMember

SEED = "seed"
_DRAWINGS_AT_ONCE = 2
"""So that few drawings, of a megapixel each, wait in memory for the renderer."""


def count_pictures() -> int:
    return len(PICTURES) + len(AVATARS)


async def make_material(runtime: Runtime, progress: Progress) -> Material:
    """Draw, encode and hash at the same time. Two cores then take half as long as one."""
    pictures: dict[str, Picture] = {}
    hashes: dict[str, str] = {}
    drawing_limit = CapacityLimiter(_DRAWINGS_AT_ONCE)

    async def paint(name: str) -> None:
        async with drawing_limit:
            pictures[name] = await _painted(runtime, name)
            progress.advance(PICTURE_STEPS)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_hash_all, runtime, hashes)
        for name in (*PICTURES, *AVATARS):
            tasks.start_soon(paint, name)
    return Material(pictures, hashes)


async def _painted(runtime: Runtime, name: str) -> Picture:
    drawn = await to_thread.run_sync(draw, name)
    async with runtime.reading() as ctx:
        return await ctx.service(ImageService).render(BytesIO(drawn))


async def _hash_all(runtime: Runtime, hashes: dict[str, str]) -> None:
    """Hash the passwords. Members without one share the hash of a random password."""
    unknown = await runtime.passwords.hash(secrets.token_urlsafe(), SEED)
    hashes.update(dict.fromkeys((member.key for member in MEMBERS), unknown))

    async def hash_one(member: DemoMember) -> None:
        if member.password is not None:
            hashes[member.key] = await runtime.passwords.hash(member.password, SEED)

    async with anyio.create_task_group() as tasks:
        for member in MEMBERS:
            tasks.start_soon(hash_one, member)
