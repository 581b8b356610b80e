"""Judges a long run on its own: whether memory grows, and whether the server becomes slower.

The machine may have other work, and more of it at some times. So neither figure is compared with an
earlier one: memory is judged by a line through all samples, and the time of answers beside that of
a young server, which serves the same requests in the same minutes (ADR 0068).
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

MOST_GROWTH = 0.05
"""Of memory, in the minutes that count."""

MOST_SLOWER = 1.10
"""How much longer answers may take than a young server's. Two equal servers differ by a few
percent, because one is always asked a moment earlier.
"""


class Sample(NamedTuple):
    minute: float
    megabytes: float


class Pair(NamedTuple):
    """Median times of answers in the same minute, in milliseconds."""

    old: float
    young: float


@dataclass(frozen=True)
class Judgement:
    """What the minutes after the warm-up show."""

    memory: Sequence[Sample]
    pairs: Sequence[Pair]

    @property
    def growth(self) -> float:
        """How much memory grows in these minutes, as a share of that at their beginning.

        A leak grows from the beginning to the end. Memory that grew once and then stays, as after a
        burst of requests, is not a leak: so the later half must show the same growth.
        """
        length = self.memory[-1].minute - self.memory[0].minute
        later = self.memory[len(self.memory) // 2 :]
        return max(0.0, min(growth_of(part, length) for part in (self.memory, later)))

    @property
    def slowness(self) -> float:
        """How long an answer takes, as a share of a young server's."""
        return statistics.median(pair.old / pair.young for pair in self.pairs)

    @property
    def is_steady(self) -> bool:
        return self.growth <= MOST_GROWTH and self.slowness <= MOST_SLOWER


def growth_of(samples: Sequence[Sample], minutes: float) -> float:
    """The growth in so many minutes by a line through the samples, as a share of its beginning.

    The line's slope is the median of the slopes between all samples (Theil and Sen): peaks do not
    bend it.
    """
    slope = statistics.median(
        (b.megabytes - a.megabytes) / (b.minute - a.minute) for a, b in combinations(samples, 2)
    )
    first = samples[0].minute
    begin = statistics.median(m - slope * (minute - first) for minute, m in samples)
    return slope * minutes / begin
