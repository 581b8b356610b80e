"""Encodes pictures and hashes passwords before the transaction begins: that takes seconds."""

import secrets
from pathlib import Path

import anyio

from app.image.service import ImageService
from app.integrations.pictures.rendering import Picture
from app.runtime.runtime import Runtime
from linky_dev.seed.community import Material
from linky_dev.seed.members import MEMBERS
from linky_dev.seed.progress import PICTURE_STEPS, Progress
from linky_dev.seed.story import PICTURES, DemoMember

SEED = "seed"


async def make_material(runtime: Runtime, progress: Progress) -> Material:
    """Encode and hash at the same time. Two cores then take half as long as one."""
    encoded: dict[str, Picture] = {}
    hashes: dict[str, str] = {}

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_hash_all, runtime, hashes)
        for name, path in PICTURES.items():
            encoded[name] = await _encoded(runtime, path)
            progress.advance(PICTURE_STEPS)
    return Material(encoded, hashes)


async def _encoded(runtime: Runtime, path: Path) -> Picture:
    """The picture as an upload would be stored: in two sizes."""
    with path.open("rb") as file:
        async with runtime.reading() as ctx:
            return await ctx.service(ImageService).render(file)


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
