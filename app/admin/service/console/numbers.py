"""Daily numbers of what is counted as it happens: people, pushes, and how long decisions took.

A job adds up what happened, in steps, up to some minutes ago. A reader adds what came since. So
reading costs the same however much happened before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.admin.enums import DecisionKind, NumberKind
from app.admin.repository.console.numbers import RETURNS, NumberRepository
from app.admin.rows import DayOfStats, DecisionsOfStats, NumberRow, ReturnsOfStats, Stats
from app.core.days import ONE_DAY, beginning_of, day_of
from app.runtime.context import Context

DAYS = 30

LAG = timedelta(minutes=10)
"""What is younger is not stored yet: it may not be committed, or its admin may take it back."""

STEP = timedelta(hours=6)
STEPS_AT_ONCE = 40
KEPT_FOR = timedelta(days=7)
ROWS_AT_ONCE = 1000
BATCHES_AT_ONCE = 20
"""Of rows that are deleted: 20,000 of each kind in one run, over five million a day."""

type ByDay = Mapping[tuple[date, str], int]


@dataclass(frozen=True, slots=True)
class Months:
    """The last thirty days, and the thirty before them, the oldest first."""

    stats: Stats
    before: list[DayOfStats]


async def read_months(ctx: Context) -> Months:
    """The last day is today, which is not over."""
    today = day_of(ctx.clock())
    first = today - (2 * DAYS - 1) * ONE_DAY
    numbers = NumberRepository(ctx.db)
    # If a job stores more between these statements, nothing counts twice.
    counted, stored = await numbers.list_stored(first)
    rows = [*stored, *await numbers.count_fresh(counted, beginning_of(today + ONE_DAY))]
    by_day: dict[tuple[date, str], int] = {}
    for row in rows:
        by_day[row.day, row.kind] = by_day.get((row.day, row.kind), 0) + row.number
    all_days = [_stats_of(first + number * ONE_DAY, by_day) for number in range(2 * DAYS)]
    before, days = all_days[:DAYS], all_days[DAYS:]
    sign_ups = {day.day: day.sign_ups for day in all_days}
    returns = [_returns(after, kind, days, sign_ups) for after, kind in RETURNS.items()]
    shown = [row for row in rows if row.day >= days[0].day]
    stats = Stats(days, returns, [_decisions(kind, shown) for kind in DecisionKind])
    return Months(stats, before)


def _stats_of(day: date, by_day: ByDay) -> DayOfStats:
    # The kinds have the names and the order of the fields.
    return DayOfStats(day, *(by_day.get((day, kind), 0) for kind in NumberKind))


def _returns(
    after: int, kind: NumberKind, days: Sequence[DayOfStats], sign_ups: Mapping[date, int]
) -> ReturnsOfStats:
    """Of the days that are over. A day without any visit is from before visits were noted."""
    over = [day for day in days[:-1] if day.active]
    return ReturnsOfStats(
        after,
        sum(sign_ups.get(day.day - after * ONE_DAY, 0) for day in over),
        sum(getattr(day, kind) for day in over),
    )


def _decisions(kind: DecisionKind, rows: Sequence[NumberRow]) -> DecisionsOfStats:
    of_kind = [row for row in rows if row.kind == kind]
    decided = sum(row.number for row in of_kind)
    if not decided:
        return DecisionsOfStats(kind, 0, None, None)
    seconds = sum(row.seconds for row in of_kind)
    return DecisionsOfStats(kind, decided, seconds / decided, max(row.longest for row in of_kind))


async def count_numbers(ctx: Context) -> None:
    """Store what happened since the last run, in steps, and delete what was counted long ago.

    Each step is committed before the next: what is stored stays if a later step fails.
    """
    numbers = NumberRepository(ctx.db)
    end = ctx.clock() - LAG
    counted = await numbers.lock_counted()
    for _ in range(STEPS_AT_ONCE):
        first = min(counted.until, counted.content_until)
        if first >= end:
            break
        await numbers.count_step(counted, min(first + STEP, end))
        await ctx.commit_and_release()
        counted = await numbers.lock_counted()
    await _delete_counted(numbers, counted.until - KEPT_FOR)


async def _delete_counted(numbers: NumberRepository, before: datetime) -> None:
    for _ in range(BATCHES_AT_ONCE):
        if not await numbers.delete_facts(before, ROWS_AT_ONCE):
            return
