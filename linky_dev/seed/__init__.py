"""Fills an empty database with a small Japanese community, for development."""

from dataclasses import replace

from app.runtime.runtime import Runtime
from linky_dev.seed.members import MEMBERS
from linky_dev.seed.progress import PICTURE_STEPS, OnProgress, Progress, show_nothing
from linky_dev.seed.repository import SeedRepository
from linky_dev.seed.story import PICTURES


async def seed_if_empty(
    runtime: Runtime, on_progress: OnProgress = show_nothing
) -> list[tuple[str, str, str]]:
    """Make the demo, completely or not at all. Returns accounts as (role, email, password).

    If there is a user or a lounge already, it does nothing and returns an empty list.
    """
    async with runtime.reading() as ctx:
        if not await SeedRepository(ctx.db).is_empty():
            return []
    return _accounts() if await _seed(runtime, on_progress) else []


async def accounts_there(runtime: Runtime) -> list[tuple[str, str, str]]:
    """The demo's accounts that the database has by now. A password may have been changed."""
    async with runtime.reading() as ctx:
        there = await SeedRepository(ctx.db).list_addresses([email for _, email, _ in _accounts()])
    return [account for account in _accounts() if account[1] in there]


async def _seed(runtime: Runtime, on_progress: OnProgress) -> bool:
    # Imported here, since these load Pillow: only the first start needs it.
    from linky_dev.seed.community import Community, StoryClock, count_events, make_material

    clock = StoryClock(runtime.clock())
    total = len(PICTURES) * PICTURE_STEPS + count_events(clock.moment)
    progress = Progress(total, on_progress)
    progress.advance(0)
    material = await make_material(runtime, progress)
    # The accounts are new and write much at once. So the limits for new accounts don't apply.
    settings = runtime.settings.model_copy(update={"new_account_hours": 0})
    async with replace(runtime, clock=clock, settings=settings).writing() as ctx:
        repository = SeedRepository(ctx.db)
        await repository.lock()
        # Another process may have seeded while we were encoding.
        if not await repository.is_empty():
            return False
        await Community(ctx, clock, material, progress).make()
    return True


def _accounts() -> list[tuple[str, str, str]]:
    return [
        ("admin" if member.admin else "user", member.email, member.password)
        for member in MEMBERS
        if member.password is not None
    ]
