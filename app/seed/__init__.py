"""A small, lively Japanese community to look at, for an empty database in development."""

from dataclasses import replace

from app.runtime.runtime import Runtime
from app.seed.members import MEMBERS
from app.seed.progress import PICTURE_STEPS, OnProgress, Progress, show_nothing
from app.seed.repository import SeedRepository


async def seed_if_empty(
    runtime: Runtime, on_progress: OnProgress = show_nothing
) -> list[tuple[str, str, str]]:
    """Make the demo, all of it or nothing; the accounts to sign in by, as (role, email, password).

    Where there is a user or a lounge already nothing happens, and the list is empty.
    """
    async with runtime.reading() as ctx:
        if not await SeedRepository(ctx.session).is_empty():
            return []
    return _accounts() if await _seed(runtime, on_progress) else []


async def _seed(runtime: Runtime, on_progress: OnProgress) -> bool:
    # Pillow is loaded here, by the first start alone.
    from app.seed.community import Community, StoryClock, count_events
    from app.seed.material import count_pictures, make_material

    clock = StoryClock(runtime.clock())
    total = count_pictures() * PICTURE_STEPS + count_events(clock.moment)
    progress = Progress(total, on_progress)
    progress.advance(0)
    material = await make_material(runtime, progress)
    # These accounts are made now; what they write is not to be taken for a newcomer's flood.
    settings = runtime.settings.model_copy(update={"new_account_hours": 0})
    async with replace(runtime, clock=clock, settings=settings).unit_of_work() as ctx:
        repository = SeedRepository(ctx.session)
        await repository.wait_for_turn()
        # Another process may have been at it since we looked.
        if not await repository.is_empty():
            return False
        await Community(ctx, clock, material, progress).come_to_life()
    return True


def _accounts() -> list[tuple[str, str, str]]:
    return [
        ("admin" if member.admin else "user", member.email, member.password)
        for member in MEMBERS
        if member.password is not None
    ]
