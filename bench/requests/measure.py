"""Bursts of requests to all servers in turns, and what they cost."""

import asyncio
import random
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bench.requests.cases import LINKY, Asker, Case
from bench.requests.client import Request, UnexpectedStatus, send, send_burst
from bench.requests.servers import Server

CONNECTIONS = 8
WARM_UP, COUNTED = 8, 9
"""Requests before the counted ones: each connection prepares a statement once.

A search has several statements, by the number of its words, so many are counted.
"""

AFTERWARDS_SECONDS = 0.02
"""Some frameworks end a transaction after the answer."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A burst: microseconds of the server and of PostgreSQL for a request, and what clients saw."""

    own: float
    database: float
    requests_a_second: float
    latencies: list[float]

    @property
    def total(self) -> float:
        return self.own + self.database


@dataclass(frozen=True, slots=True)
class Figures:
    """The medians of the rounds."""

    samples: list[Sample]

    @property
    def own(self) -> float:
        return statistics.median(sample.own for sample in self.samples)

    @property
    def database(self) -> float:
        return statistics.median(sample.database for sample in self.samples)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles of the total, as a share of its median."""
        if len(self.samples) < 2:
            return 0.0
        low, middle, high = statistics.quantiles([each.total for each in self.samples], n=4)
        return (high - low) / 2 / middle

    @property
    def requests_a_second(self) -> float:
        return statistics.median(sample.requests_a_second for sample in self.samples)

    def latency(self, percent: int) -> float:
        """Of all requests, in milliseconds."""
        times = sorted(time for sample in self.samples for time in sample.latencies)
        return 1000 * times[min(len(times) - 1, len(times) * percent // 100)]


@dataclass(frozen=True, slots=True)
class Calls:
    """What a request sends to the database. BEGIN and COMMIT are statements too."""

    statements: int
    round_trips: int


@dataclass
class Results:
    """Samples and calls by case and variant, and the refusals by which a variant drops out."""

    samples: dict[tuple[str, str], list[Sample]] = field(default_factory=dict)
    calls: dict[tuple[str, str], Calls] = field(default_factory=dict)
    failures: dict[tuple[str, str], UnexpectedStatus] = field(default_factory=dict)

    def figures(self, case: str, variant: str) -> Figures | None:
        """None where the variant does not answer the case."""
        if (case, variant) in self.failures or (case, variant) not in self.samples:
            return None
        return Figures(self.samples[case, variant])

    def share(self, case: str, variant: str, limit: str) -> float | None:
        """The limit's cost by the variant's: the median of the pairs within a round."""
        ours, theirs = self.figures(case, variant), self.figures(case, limit)
        if ours is None or theirs is None:
            return None
        pairs = zip(theirs.samples, ours.samples, strict=True)
        return statistics.median(best.total / other.total for best, other in pairs)


async def measure(
    servers: Sequence[Server],
    cases: Sequence[Case],
    askers: Mapping[str, Asker],
    *,
    rounds: int,
    share: float,
    connections: int = CONNECTIONS,
) -> Results:
    """Ask all servers for all cases, in a new order each round. `share` shortens the bursts.

    `askers` has one for each database, by its URL. The first round makes the plans and fills the
    caches: it does not count.
    """
    results = Results()
    for number in range(-1, rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        for server, case in _shuffled(servers, cases, number):
            key = case.name, server.name
            if key in results.failures:
                continue
            try:
                requests = case.requests(askers[server.url], server.name, number, share)
                sample = await ask(server, requests, connections)
            except UnexpectedStatus as unexpected:
                results.failures[key] = unexpected
                continue
            if number >= 0:
                results.samples.setdefault(key, []).append(sample)
    return results


def _shuffled(
    servers: Sequence[Server], cases: Sequence[Case], number: int
) -> Iterator[tuple[Server, Case]]:
    """Cases in a random order, and for each case the servers in a random order."""
    chance = random.Random(number)
    for case in chance.sample(cases, len(cases)):
        for server in chance.sample(servers, len(servers)):
            if (LINKY if server.is_linky else server.name) in case.variants:
                yield server, case


async def ask(
    server: Server, requests: Sequence[Request], connections: int = CONNECTIONS
) -> Sample:
    """Send a burst, and return what it cost. Raises UnexpectedStatus."""
    own, database = server.own_time(), await server.database_time()
    burst = await send_burst(server.port, requests, connections)
    own, database = server.own_time() - own, await server.database_time() - database
    return Sample(
        own / 1000 / len(requests),
        database / 1000 / len(requests),
        len(requests) / burst.seconds,
        burst.latencies,
    )


async def count_calls(
    servers: Sequence[Server], cases: Sequence[Case], askers: Mapping[str, Asker], results: Results
) -> None:
    """Count what each case sends to the database, in a pass of its own: counting takes time."""
    for server, case in _shuffled(servers, cases, 0):
        key = case.name, server.name
        if key not in results.failures:
            try:
                results.calls[key] = await _count(server, case, askers[server.url])
            except UnexpectedStatus as unexpected:
                results.failures[key] = unexpected


async def _count(server: Server, case: Case, asker: Asker) -> Calls:
    """The median of some requests: whether a comment notifies depends on whose the post is."""
    wire, chance = server.wire, random.Random(f"{case.name} {server.name}")
    assert wire is not None, "the server has no wire"
    counts: list[tuple[int, int]] = []
    for _ in range(WARM_UP + COUNTED):
        before = wire.statements, wire.round_trips
        await send(server.port, case.make(asker, chance))
        await asyncio.sleep(AFTERWARDS_SECONDS)
        counts.append((wire.statements - before[0], wire.round_trips - before[1]))
    statements, round_trips = zip(*counts[WARM_UP:], strict=True)
    return Calls(statistics.median_high(statements), statistics.median_high(round_trips))
