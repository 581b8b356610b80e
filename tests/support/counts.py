"""Finds counts (columns) that differ from the number of rows they count."""

from app.api import COUNTS
from app.core.counts import WrongCount, find_wrong
from tests.support.beside import beside
from tests.support.world import World


async def wrong_counts(world: World) -> list[WrongCount]:
    """Every wrong count in the database: its kind, the row's id, the stored and the true number."""
    async with beside(world.runtime) as db:
        return await find_wrong(db, COUNTS)
