"""The charts of the console: daily bars on a scale that a person can read."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta

from app.admin.rows import DayOfStats, DecisionsOfStats, ReturnsOfStats
from app.console.formats import Translate, span
from app.core.days import ONE_DAY

HEIGHT = 60
WIDTH = 8
"""Of a day, in the units of the drawing. A bar fills three quarters of it."""

GOAL_SECONDS = ONE_DAY.total_seconds()
"""Within a day admins decide."""

FEW = 30
"""Fewer in thirty days, less than one a day, are too few for a percentage."""

_STEPS = (1, 2, 4, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """One day. `inner` is the height of the part that is drawn darker."""

    x: int
    height: float
    inner: float
    day: date
    number: int
    part: int | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Thirty days. `ticks` are the numbers at the lines, from the top to 0."""

    bars: list[Bar]
    ticks: list[int]
    total: int
    mean: float | None
    """A day, without today. None without a day that has data."""

    most: int
    today: int
    part: int | None
    mean_before: float | None
    """A day of the thirty days before."""

    total_before: int

    @property
    def change(self) -> str | None:
        """By how much the mean is more or less than before. None if that was nearly nothing."""
        if not self.mean_before or self.mean is None or self.total_before < FEW:
            return None
        return f"{100 * (self.mean - self.mean_before) / self.mean_before:+.0f}%"

    @property
    def width(self) -> int:
        return WIDTH * len(self.bars)

    @property
    def lines(self) -> list[float]:
        """How far below the top each line is."""
        top = self.ticks[0]
        return [HEIGHT * (top - tick) / top for tick in self.ticks]


@dataclass(frozen=True, slots=True)
class Share:
    """A bar that lies, from 0 to 1 of the scale."""

    name: str
    length: float


def chart(
    days: Sequence[DayOfStats],
    name: str,
    part_name: str | None = None,
    before: Sequence[DayOfStats] = (),
    since: date = date.min,
) -> Chart:
    """A chart of a number of each day, with a part of it (pushes, and those that were opened).

    `before` are the days that it is compared with. The days before `since` have no data.
    """
    numbers: list[int] = [getattr(day, name) for day in days]
    parts: list[int | None] = [
        None if part_name is None else getattr(day, part_name) for day in days
    ]
    top = round_top(max([*numbers, *(part or 0 for part in parts)], default=0))
    bars = [
        Bar(place * WIDTH, HEIGHT * number / top, HEIGHT * (part or 0) / top, day.day, number, part)
        for place, (day, number, part) in enumerate(zip(days, numbers, parts, strict=True))
    ]
    return Chart(
        bars,
        [top, top // 2, 0] if top > 1 else [top, 0],
        total=sum(numbers),
        mean=_mean(days[:-1], name, since),
        most=max(numbers, default=0),
        today=numbers[-1] if numbers else 0,
        part=None if part_name is None else sum(part or 0 for part in parts),
        mean_before=_mean(before, name, since),
        total_before=sum(getattr(day, name) for day in before),
    )


def _mean(days: Sequence[DayOfStats], name: str, since: date) -> float | None:
    numbers: list[int] = [getattr(day, name) for day in days if day.day >= since]
    return sum(numbers) / len(numbers) if numbers else None


def first_day(days: Sequence[DayOfStats]) -> date:
    """The first day with a number: those before it have no data, and are not days of nothing."""
    return next((day.day for day in days if any(astuple(day)[1:])), date.max)


def round_top(most: int) -> int:
    """The round number at the top of a scale. Its half is a whole number, unless it is 1."""
    unit = 1
    while most > 10 * unit:
        unit *= 10
    return next(step * unit for step in _STEPS if step * unit >= most)


def came_back(returns: ReturnsOfStats) -> Share:
    share = returns.came_back / returns.new_people if returns.new_people else 0.0
    return Share(str(returns.after_days), min(share, 1.0))


def took(decisions: Sequence[DecisionsOfStats]) -> tuple[float, list[Share]]:
    """The end of the scale in seconds, a day at least, and each kind's mean on it."""
    means = [row.mean_seconds or 0.0 for row in decisions]
    top = GOAL_SECONDS
    while top < max(means, default=0.0):
        top *= 2
    return top, [Share(row.kind, mean / top) for row, mean in zip(decisions, means, strict=True)]


def lasted(seconds: float, t: Translate) -> str:
    return span(timedelta(seconds=seconds), t)
