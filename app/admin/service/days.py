"""Counts by day.

A job counts each day once when it is over, and stores the counts. A reader (`numbers.py`) counts
only what came since, by the indexes on the time of writing. So it costs the same however much is
stored.
"""

from collections.abc import Sequence
from datetime import date, datetime

from app.admin.repository.days import DayRepository
from app.admin.rows import DayCountRow, DayRow, NumberRow
from app.core.days import ONE_DAY, beginning_of, day_of
from app.runtime.context import Context

DAYS = 30
DAY_KINDS = ("sign_ups", "posts", "comments", "reports")
STORED_DAYS = 2 * DAYS
"""The numbers of those who came back ask how many had signed up up to thirty days before."""


async def store_finished_days(ctx: Context) -> None:
    """Store the counts of the days that are over and not stored yet, the oldest first.

    Each is committed before the next: what is stored stays if a later day fails.
    """
    days, today = DayRepository(ctx.db), day_of(ctx.clock())
    first = first_to_count(await days.last_stored(), today)
    for day in days_from(first, (today - first).days):
        counts = await days.count(beginning_of(day), beginning_of(day + ONE_DAY))
        await days.store(days_of(counts) or [DayRow(day, 0, 0, 0, 0)])
        await ctx.commit_and_release()


def first_to_count(last_stored: date | None, today: date) -> date:
    """The first day that is not stored, of those that are ever stored."""
    oldest = today - (STORED_DAYS - 1) * ONE_DAY
    return max(last_stored + ONE_DAY, oldest) if last_stored else oldest


async def count_by_day(days: DayRepository, first: date, until: datetime) -> list[DayCountRow]:
    """What happened from the beginning of a day until a moment, by one statement for each day.

    One for all days takes longer than a statement may, if no worker ran for some days.
    """
    counts: list[DayCountRow] = []
    begin = beginning_of(first)
    while begin < until:
        end = min(begin + ONE_DAY, until)
        counts += await days.count(begin, end)
        begin = end
    return counts


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
