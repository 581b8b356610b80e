"""The daily numbers: their counting, and the days of Japan."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.admin.jobs import count_numbers
from tests.support.sql import sql
from tests.support.world import World

JAPAN = ZoneInfo("Asia/Tokyo")


def day_of(moment: datetime) -> date:
    return moment.astimezone(JAPAN).date()


async def counted_until(world: World, moment: datetime) -> None:
    await sql(
        world,
        "UPDATE daily_numbers_counted SET until = :moment, content_until = :moment",
        moment=moment,
    )


async def store(world: World) -> None:
    async with world.runtime.writing() as ctx:
        await count_numbers(ctx)
