"""How old a replica is, and how long it rests after a failure."""

from collections.abc import Callable
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from app.runtime.metrics import ReplicaMetrics
from app.runtime.replica import tracker
from app.runtime.replica.failures import ReplicaAway, ReplicaFailure
from app.runtime.replica.probe import ReplicaState
from app.runtime.replica.tracker import Tracker


class SteppedClock:
    """Seconds that pass only when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def pass_until(self, condition: Callable[[], bool], act: Callable[[], None]) -> None:
        while not condition():
            self.now += 0.25
            act()


def test_a_replica_that_says_nothing_grows_old() -> None:
    clock = SteppedClock()
    followed = Tracker(ReplicaMetrics(CollectorRegistry()), clock)
    started = datetime(2026, 11, 26, tzinfo=UTC)
    followed.saw(clock.now, ReplicaState(flushed=50, replayed=40, server=started))
    assert followed.age > tracker.MOST_BEHIND_SECONDS
    followed.note_replayed(50)
    assert followed.age == 0
    clock.now += tracker.MOST_BEHIND_SECONDS
    followed.saw(clock.now, ReplicaState(flushed=90, replayed=60, server=started))
    assert followed.age == tracker.MOST_BEHIND_SECONDS
    clock.now += 0.1
    assert (followed.age > tracker.MOST_BEHIND_SECONDS, followed.is_usable) == (True, False)
    followed.note_replayed(90)
    assert (followed.age > tracker.MOST_BEHIND_SECONDS, followed.is_usable) == (False, True)


def test_a_replica_whose_reads_fail_rests_longer_each_time() -> None:
    clock = SteppedClock()
    followed = Tracker(ReplicaMetrics(CollectorRegistry()), clock)
    seen = ReplicaState(flushed=50, replayed=50, server=datetime(2026, 11, 26, tzinfo=UTC))
    rests = []
    for _ in range(10):
        followed.saw(clock.now, seen)
        assert followed.is_usable
        followed.suspect(ReplicaAway(ReplicaFailure.REFUSED))
        began = clock.now
        clock.pass_until(lambda: followed.is_usable, lambda: followed.saw(clock.now, seen))
        rests.append(clock.now - began)
    assert rests == sorted(rests)
    assert (rests[0], rests[-1]) == (tracker.POLL_SECONDS, tracker.LONGEST_REST_SECONDS)


def test_a_replica_that_answers_and_replays_nothing_costs_no_memory() -> None:
    clock = SteppedClock()
    followed = Tracker(ReplicaMetrics(CollectorRegistry()), clock)
    started = datetime(2026, 11, 26, tzinfo=UTC)
    for position in range(3 * tracker.MOST_ASKED):
        clock.now += tracker.POLL_SECONDS
        followed.saw(clock.now, ReplicaState(flushed=1_000 + position, replayed=7, server=started))
    assert len(followed._asked) == tracker.MOST_ASKED
    assert not followed.is_usable
    # It goes on. What it replays first was asked for so long ago that it is not known any more.
    newest = 1_000 + position
    followed.note_replayed(1_000)
    assert not followed.is_usable
    followed.note_replayed(newest - 4)
    assert (followed.age, followed.is_usable) == (4 * tracker.POLL_SECONDS, True)
    followed.note_replayed(newest)
    assert (followed.age, followed.is_usable) == (0, True)
