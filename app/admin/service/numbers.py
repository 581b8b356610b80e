"""Numbers by day of what is counted as it comes: people, pushes, and how long decisions took.

A job adds up what happened, in steps, up to some minutes ago. A reader adds what came since. So
reading costs the same however much happened before. ADR 0083.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.admin.enums import DecisionKind, NumberKind
from app.admin.repository.days import DayRepository
from app.admin.repository.numbers import RETURNS, NumberRepository
from app.admin.rows import (
    DayCountRow,
    DayOfStats,
    DayRow,
    DecisionsOfStats,
    NumberRow,
    ReturnsOfStats,
    Stats,
)
from app.admin.service.days import (
    DAY_KINDS,
    DAYS,
    STORED_DAYS,
    count_by_day,
    days_from,
    days_of,
    first_to_count,
)
from app.core.days import ONE_DAY, beginning_of, day_of
from app.runtime.context import Context

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
    counted, rows = await _read(ctx, today)
    by_day: dict[tuple[date, str], int] = {}
    for row in rows:
        by_day[row.day, row.kind] = by_day.get((row.day, row.kind), 0) + row.number
    sign_ups = {day.day: day.sign_ups for day in counted}
    before, days = ([_stats_of(day, by_day) for day in part] for part in _halves(counted))
    returns = [_returns(after, kind, days, sign_ups) for after, kind in RETURNS.items()]
    shown = [row for row in rows if row.day >= days[0].day]
    stats = Stats(days, returns, [_decisions(kind, shown) for kind in DecisionKind])
    return Months(stats, before)


def _halves(days: Sequence[DayRow]) -> tuple[Sequence[DayRow], Sequence[DayRow]]:
    return days[:-DAYS], days[-DAYS:]


async def _read(ctx: Context, today: date) -> tuple[list[DayRow], list[NumberRow]]:
    """The counts and the numbers of sixty days: what is stored, and what came since.

    If a job stores more between these statements, nothing counts twice.
    """
    first = today - (STORED_DAYS - 1) * ONE_DAY
    stored_days = await DayRepository(ctx.db).list_stored(first)
    uncounted = stored_days[-1].day + ONE_DAY if stored_days else first
    numbers = NumberRepository(ctx.db)
    until, stored = await numbers.list_stored(first)
    counts = [row for row in stored if row.kind in DAY_KINDS and row.day >= uncounted]
    day_since = beginning_of(uncounted)
    if until > day_since:
        if _has_all(counts, uncounted, day_of(until)):
            day_since = until
        else:
            counts = []
    fresh = await numbers.count_fresh(until, day_since, beginning_of(today + ONE_DAY))
    counts += [row for row in fresh if row.kind in DAY_KINDS]
    by_day = {day.day: day for day in (*stored_days, *days_of(counts))}
    days = [by_day.get(day) or DayRow(day, 0, 0, 0, 0) for day in days_from(first, STORED_DAYS)]
    return days, [row for row in (*stored, *fresh) if row.kind not in DAY_KINDS]


def _has_all(counts: Sequence[NumberRow], first: date, last: date) -> bool:
    """Whether each day has its counts. They lack at first, and after the release before ran."""
    return {row.day for row in counts} >= set(days_from(first, (last - first).days + 1))


def _stats_of(day: DayRow, by_day: ByDay) -> DayOfStats:
    # The kinds have the names and the order of the fields.
    numbers = (by_day.get((day.day, kind), 0) for kind in NumberKind)
    return DayOfStats(day.day, day.sign_ups, day.posts, day.comments, day.reports, *numbers)


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
    """Store what happened since the last run, in steps, and delete what was counted long ago."""
    numbers = NumberRepository(ctx.db)
    counted = await numbers.lock_counted()
    end = ctx.clock() - LAG
    for _ in range(STEPS_AT_ONCE):
        if counted >= end:
            break
        until = min(counted + STEP, end)
        await numbers.count_step(counted, until)
        counted = until
    await _store_counts(ctx, counted)
    await _delete_counted(numbers, counted - KEPT_FOR)


async def _store_counts(ctx: Context, end: datetime) -> None:
    """Count the days that DailyCount does not have yet, so that readers need not."""
    numbers, days = NumberRepository(ctx.db), DayRepository(ctx.db)
    last = await days.last_stored()
    if last is None:
        return  # Before the first hour is over.
    uncounted = first_to_count(last, day_of(end))
    await numbers.delete_counts(uncounted, DAY_KINDS)
    if end > beginning_of(uncounted):
        shown = days_from(uncounted, (day_of(end) - uncounted).days + 1)
        none = {(day, kind): DayCountRow(kind, day, 0) for day in shown for kind in DAY_KINDS}
        counted = await count_by_day(days, uncounted, end)
        await numbers.store_counts(
            [*(none | {(row.day, row.kind): row for row in counted}).values()]
        )


async def _delete_counted(numbers: NumberRepository, before: datetime) -> None:
    for _ in range(BATCHES_AT_ONCE):
        if not await numbers.delete_facts(before, ROWS_AT_ONCE):
            return
