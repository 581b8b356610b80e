"""Counts by day.

A job counts each day once when it is over, and stores the counts. A reader (`numbers.py`) counts
only what came since, by the indexes on the time of writing. So it costs the same however much is
stored.
"""

from collections.abc import Sequence
from datetime import date

from app.admin.repository import DayRepository
from app.admin.rows import DayCountRow, DayRow, NumberRow
from app.core.days import ONE_DAY, beginning_of, day_of
from app.runtime.context import Context

DAYS = 30
DAY_KINDS = ("sign_ups", "posts", "comments", "reports")
STORED_DAYS = 2 * DAYS
"""The numbers of those who came back ask how many had signed up up to thirty days before."""


async def store_finished_days(ctx: Context) -> None:
    """Store the counts of the days that are over and not stored yet."""
    days, today = DayRepository(ctx.session), day_of(ctx.clock())
    last = await days.last_stored()
    first = max(last + ONE_DAY if last else date.min, today - (STORED_DAYS - 1) * ONE_DAY)
    if first >= today:
        return
    by_day = {row.day: row for row in await _count(days, first, today)}
    finished = days_from(first, (today - first).days)
    await days.store([by_day.get(day) or DayRow(day, 0, 0, 0, 0) for day in finished])


async def _count(days: DayRepository, first: date, end: date) -> list[DayRow]:
    """The days from `first` to the one before `end` on which something happened."""
    return days_of(await days.count(beginning_of(first), beginning_of(end)))


def days_of(counts: Sequence[DayCountRow | NumberRow]) -> list[DayRow]:
    """The days on which something happened, of the counts of each kind."""
    numbers: dict[date, dict[str, int]] = {}
    for row in counts:
        by_kind = numbers.setdefault(row.day, {})
        by_kind[row.kind] = by_kind.get(row.kind, 0) + row.number
    return [
        DayRow(day, *(by_kind.get(kind, 0) for kind in DAY_KINDS))
        for day, by_kind in numbers.items()
    ]


def days_from(first: date, number: int) -> list[date]:
    return [first + n * ONE_DAY for n in range(number)]
