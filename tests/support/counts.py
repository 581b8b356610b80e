"""Asking for every column that is not the number of rows that it counts."""

from app.api import COUNTS
from app.core.counts import WrongCount, find_wrong
from tests.support.world import World


async def wrong_counts(world: World) -> list[WrongCount]:
    """Every wrong count of the whole database: its kind, the row's id, stored and counted."""
    async with world.runtime.reads() as session:
        return await find_wrong(session, COUNTS)
