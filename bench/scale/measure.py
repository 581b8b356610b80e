"""Bursts for each list to a small and a big data set, and for page 1 and page 1,000, in turns."""

import random
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.requests.cases import Asker
from bench.requests.client import Request
from bench.requests.measure import Figures, Sample, ask
from bench.requests.servers import Server
from bench.scale.data import Scaled
from bench.scale.lists import List, deep_cursor, requests_of

ONE_CONNECTION = 1
"""Then the latency is what a request takes, and not what it waits for others."""


@dataclass(frozen=True, slots=True)
class Source:
    """A data set and the server in front of it."""

    data: Scaled
    server: Server
    asker: Asker


@dataclass(slots=True)
class Measured:
    """The samples of a list: of the small data set, of the big one, and of its deep page."""

    small: list[Sample] = field(default_factory=list)
    big: list[Sample] = field(default_factory=list)
    deep: list[Sample] = field(default_factory=list)
    page: int = 0
    """Which page the deep one is; 0 if the list is short."""

    grows: bool = False
    """Whether it may grow with the data."""

    def growth(self, of: Callable[[Sample], float]) -> float:
        """The big data set's cost by the small one's."""
        return _ratio(self.big, self.small, of)

    def depth(self, of: Callable[[Sample], float]) -> float:
        """The deep page's cost by the first one's."""
        return _ratio(self.deep, self.big, of)


def database(sample: Sample) -> float:
    """In microseconds."""
    return sample.database


def work(sample: Sample) -> float:
    """Microseconds of the server and of PostgreSQL. The goals are about this.

    On a machine at rest it is what a request takes. On a busy one a request also waits for a core.
    """
    return sample.total


def wall(sample: Sample) -> float:
    """The median time of a request, in milliseconds."""
    return Figures([sample]).latency(50)


def _ratio(
    ones: Sequence[Sample], others: Sequence[Sample], of: Callable[[Sample], float]
) -> float:
    """The median of the pairs within a round."""
    return statistics.median(of(one) / of(other) for one, other in zip(ones, others, strict=True))


type Burst = tuple[Server, list[Request], list[Sample]]


async def measure_scale(
    small: Source, big: Source, lists: Sequence[List], *, rounds: int
) -> Mapping[str, Measured]:
    """The first round makes the plans and fills the caches: it does not count."""
    measured = {one.name: Measured(grows=one.grows) for one in lists}
    bursts = {one.name: await _bursts(one, small, big, measured[one.name]) for one in lists}
    for number in range(-1, rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        chance = random.Random(number)
        for name in chance.sample(list(bursts), len(bursts)):
            for server, requests, samples in chance.sample(bursts[name], len(bursts[name])):
                sample = await ask(server, requests, ONE_CONNECTION)
                if number >= 0:
                    samples.append(sample)
    return measured


async def _bursts(one: List, small: Source, big: Source, measured: Measured) -> list[Burst]:
    bursts = [
        (small.server, requests_of(one, small.data, small.asker), measured.small),
        (big.server, requests_of(one, big.data, big.asker), measured.big),
    ]
    if one.deep:
        cursor, measured.page = await deep_cursor(one, big.data, big.asker, big.server)
        deep = requests_of(one, big.data, big.asker, cursor)
        bursts.append((big.server, deep, measured.deep))
    return bursts
