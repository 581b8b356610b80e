"""Counts by day. A day that is over is counted once, by a job, and kept as one row; only what
came since is counted when somebody looks, by the indexes on the time of writing. So it costs the
same at a million rows as at a hundred.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.admin.repository import DAY_ZONE, OverviewRepository
from app.admin.schemas import DayOfStats
from app.runtime.context import Context

DAYS = 30
_ZONE = ZoneInfo(DAY_ZONE)


async def list_days(ctx: Context) -> list[DayOfStats]:
    """The last thirty days, the oldest first; days on which nothing happened are there too."""
    days = OverviewRepository(ctx.session)
    today = _today(ctx)
    first = today - timedelta(days=DAYS - 1)
    stored = {row["day"]: DayOfStats(**row) for row in await days.list_days(first)}
    uncounted = max(stored) + timedelta(days=1) if stored else first
    counted = await _count(days, uncounted, today + timedelta(days=1))
    return [_fill(stored, counted, first + timedelta(days=n)) for n in range(DAYS)]


async def store_finished_days(ctx: Context) -> None:
    """Keep the counts of the days that are over and not kept yet."""
    days = OverviewRepository(ctx.session)
    today = _today(ctx)
    last = await days.last_day()
    first = max(last + timedelta(days=1) if last else date.min, today - timedelta(days=DAYS - 1))
    if first >= today:
        return
    counted = await _count(days, first, today)
    wanted = [first + timedelta(days=n) for n in range((today - first).days)]
    await days.store_days([dict(_fill({}, counted, day)) for day in wanted])


async def _count(days: OverviewRepository, first: date, behind: date) -> dict[date, dict[str, int]]:
    counted: dict[date, dict[str, int]] = {}
    for row in await days.count_by_day(_begin(first), _begin(behind)):
        counted.setdefault(row["day"], {})[row["kind"]] = row["number"]
    return counted


def _fill(
    stored: dict[date, DayOfStats], counted: dict[date, dict[str, int]], day: date
) -> DayOfStats:
    nothing: dict[str, Any] = dict.fromkeys(("sign_ups", "posts", "comments", "reports"), 0)
    return stored.get(day) or DayOfStats(day=day, **(nothing | counted.get(day, {})))


def _today(ctx: Context) -> date:
    return ctx.clock().astimezone(_ZONE).date()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), _ZONE)
