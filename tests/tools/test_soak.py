"""How a long run is judged: a leak and a slower server are found, and a busy machine is neither."""

import math
from collections.abc import Callable
from random import Random

import pytest

from bench.overload.judging import MOST_GROWTH, MOST_SLOWER, Judgement, Pair, Sample

MINUTES, SAMPLES_A_MINUTE = 25, 12
LEVEL = 150.0


def judged(megabytes: Callable[[float], float] = lambda _: LEVEL, slower: float = 1.0) -> Judgement:
    """A run with this memory at each minute, on a machine that is busy at some times."""
    chance = Random(94)
    minutes = [n / SAMPLES_A_MINUTE for n in range(MINUTES * SAMPLES_A_MINUTE)]
    memory = [Sample(at, megabytes(at) * chance.gauss(1, 0.01)) for at in minutes]
    pairs = []
    for _ in range(MINUTES):
        busy = chance.choice([1.0, 1.0, 4.0])  # The other work of the machine slows both.
        pairs.append(Pair(2 * busy * slower * chance.gauss(1, 0.05), 2 * busy))
    return Judgement(memory, pairs)


def test_a_steady_server_is_steady() -> None:
    judgement = judged()
    assert judgement.growth < MOST_GROWTH / 2
    assert judgement.slowness == pytest.approx(1, abs=0.05)
    assert judgement.is_steady


@pytest.mark.parametrize("percent", [7, 20])
def test_a_leak_is_found(percent: int) -> None:
    judgement = judged(lambda at: LEVEL * (1 + percent / 100 * at / MINUTES))
    assert judgement.growth == pytest.approx(percent / 100, abs=0.04)
    assert not judgement.is_steady


def test_a_leak_between_two_collections_is_found() -> None:
    assert not judged(lambda at: LEVEL + 2 * at + 8 * (at % 3)).is_steady


@pytest.mark.parametrize(
    "megabytes",
    [
        lambda at: LEVEL + (30 if at > 8 else 0),  # A burst of requests, once.
        lambda at: LEVEL + (30 if int(at) % 9 == 4 else 0),  # Bursts, whose memory is given back.
        lambda at: LEVEL + (30 if at > 24 else 0),  # A burst at the end.
        lambda at: LEVEL + 12 * (1 - math.exp(-at / 3)),  # Caches that fill, and are full.
        lambda at: LEVEL - at,
    ],
    ids=["a step", "peaks", "a peak at the end", "a plateau", "less"],
)
def test_what_is_no_leak_is_not_taken_for_one(megabytes: Callable[[float], float]) -> None:
    assert judged(megabytes).is_steady


def test_a_slower_server_is_found_and_a_busy_machine_is_not() -> None:
    assert judged(slower=1.05).is_steady
    judgement = judged(slower=1.2)
    assert judgement.slowness > MOST_SLOWER
    assert not judgement.is_steady
