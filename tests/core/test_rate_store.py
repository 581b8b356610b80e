"""The rate limits' stores: exact windows in both, constant cost per call and bounded memory."""

import gc
from collections import UserDict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from types import FunctionType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.rate_store import CallCount, MemoryRateStore, Quota, RateStore
from tests.support.chance import tried
from tests.support.shared_limits import let_valkey_be_slow
from tests.support.steps import steps
from tests.support.valkey import ClockedStore, ValkeyServer

MINUTE, HOUR = Quota(5, 60), Quota(8, 3600)


class MovableClock:
    now = 50_000.0

    def __call__(self) -> float:
        return self.now


type MakeStore = Callable[[Callable[[], float]], RateStore]


@pytest.fixture(scope="module", autouse=True)
def _slow_valkey() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        let_valkey_be_slow(patch)
        yield


@pytest.fixture(scope="module", params=["memory", "valkey"])
async def make_store(request: pytest.FixtureRequest) -> AsyncIterator[MakeStore]:
    """Makes an empty store of either kind, which goes by the test's clock."""
    if request.param == "memory":
        yield MemoryRateStore
        return
    server: ValkeyServer = request.getfixturevalue("valkey")
    async with connected(server) as make:
        yield make


@asynccontextmanager
async def connected(server: ValkeyServer) -> AsyncIterator[MakeStore]:
    store = ClockedStore(server.address)
    yield store.emptied
    await store.close()


async def hits(store: RateStore, times: int, key: str = "a", quota: Quota = MINUTE) -> int:
    """Make `times` calls; returns how many of them are allowed."""
    return sum([(await store.hit([(key, quota)]))[0].allowed for _ in range(times)])


async def test_a_window_begins_with_the_first_call_and_slides(make_store: MakeStore) -> None:
    clock = MovableClock()
    store = make_store(clock)
    assert await hits(store, 9) == 5
    clock.now += 59
    assert await hits(store, 9) == 0
    clock.now += 1 + 60 / 5  # a fifth of the next window: four fifths of the last one still count
    assert await hits(store, 9) == 2
    clock.now += 200
    assert await hits(store, 9) == 5


async def test_a_refused_call_counts_on_none_of_its_counters(make_store: MakeStore) -> None:
    store = make_store(MovableClock())
    own, shared = ("own", MINUTE), ("shared", HOUR)
    for _ in range(5):
        assert all(count.allowed for count in await store.hit([own, shared]))
    for _ in range(20):
        refused, other = await store.hit([own, shared])
        assert not refused.allowed
        assert other == CallCount(True, 3, 3600)
    assert await hits(store, 9, "shared", HOUR) == 3


@tried(100)
@given(
    st.lists(st.floats(0, 90), min_size=1, max_size=80),
    st.integers(1, 7),
    # Valkey forgets a window after two real seconds if it is a second long.
    st.sampled_from([60, 3600]),
)
async def test_a_caller_who_waits_until_reset_is_allowed(
    make_store: MakeStore, pauses: list[float], calls: int, seconds: int
) -> None:
    clock, quota = MovableClock(), Quota(calls, seconds)
    store = make_store(clock)
    allowed_at: list[float] = []
    for pause in pauses:
        clock.now += pause * seconds / 60
        (count,) = await store.hit([("a", quota)])
        assert 0 <= count.remaining < calls
        assert 1 <= count.reset <= seconds
        if not count.allowed:
            assert count.remaining == 0
            clock.now += count.reset
            (count,) = await store.hit([("a", quota)])
            assert count.allowed
        allowed_at.append(clock.now)
    # Weighting the last window by its share is inexact, but allows at most one window too many.
    for moment in allowed_at:
        assert (
            len([earlier for earlier in allowed_at if moment - seconds < earlier <= moment])
            <= 2 * calls
        )


async def test_reset_never_exceeds_the_length_of_the_window(make_store: MakeStore) -> None:
    """Rounding: at this time, adding 3600 and subtracting the time again gives more than 3600."""
    clock = MovableClock()
    clock.now = 128_393.86264665714
    assert (clock.now + HOUR.seconds) - clock.now > HOUR.seconds
    (count,) = await make_store(clock).hit([("a", HOUR)])
    assert count.reset == HOUR.seconds


SOME_COUNTERS = [("a", MINUTE), ("a", HOUR), ("b", Quota(3, 60)), ("c", Quota(1, 3600))]

PAUSES = st.one_of(
    st.just(0.0),
    # Steps of 1/64 s are exact in floats and in whole microseconds.
    st.integers(0, 64 * 20).map(lambda steps: steps / 64),
    # These often end just at the end of a window.
    st.sampled_from([10.0, 20.0, 30.0, 60.0, 1200.0, 3600.0]),
)


@tried(100)
@given(
    st.lists(
        st.tuples(
            PAUSES, st.lists(st.sampled_from(SOME_COUNTERS), min_size=1, max_size=3, unique=True)
        ),
        min_size=10,
        max_size=60,
    )
)
async def test_both_stores_answer_alike(
    valkey_store: MakeStore, calls: list[tuple[float, list[tuple[str, Quota]]]]
) -> None:
    clock = MovableClock()
    memory, valkey = MemoryRateStore(clock), valkey_store(clock)
    for pause, counters in calls:
        clock.now += pause
        assert await valkey.hit(counters) == await memory.hit(counters)


@pytest.fixture(scope="module")
async def valkey_store(valkey: ValkeyServer) -> AsyncIterator[MakeStore]:
    async with connected(valkey) as make:
        yield make


async def test_a_clock_that_is_set_back_forgets_a_count_instead_of_keeping_it_longer(
    valkey_store: MakeStore,
) -> None:
    clock = MovableClock()
    store = valkey_store(clock)
    assert await hits(store, 9) == 5
    clock.now -= 7200
    assert await hits(store, 9) == 5
    clock.now += 7200
    assert await hits(store, 9) == 5


async def steps_of_hits(callers: int) -> int:
    """The steps of 500 calls while `callers` callers are counted."""
    store = MemoryRateStore(MovableClock())
    await hits_of(store, callers)
    (generations,) = store._by_length.values()
    # Python's own dictionaries walk over their entries in C, which is no step.
    generations.young = UserDict(generations.young)  # type: ignore[assignment]
    return steps(lambda: run(hits_of(store, 500)))


async def hits_of(store: RateStore, callers: int) -> None:
    for number in range(callers):
        await store.hit([(f"read:user:{number}", MINUTE)])


def run(work: Coroutine[object, object, None]) -> None:
    """Nothing in the store waits, so the work ends without an event loop."""
    with pytest.raises(StopIteration):
        work.send(None)


async def test_a_call_takes_as_many_steps_with_many_callers_as_with_few() -> None:
    assert await steps_of_hits(5_000) < 2 * await steps_of_hits(500)


def held_by(store: RateStore) -> int:
    """How many objects the store holds: windows, keys and numbers."""
    held: dict[int, object] = {}
    waiting: list[object] = [store]
    while waiting:
        found = waiting.pop()
        if id(found) not in held and not isinstance(found, type | FunctionType):
            held[id(found)] = found
            waiting += gc.get_referents(found)
    return len(held)


async def test_memory_does_not_grow_with_the_number_of_callers() -> None:
    clock = MovableClock()
    store = MemoryRateStore(clock, most=500)

    async def held_after(callers: int, name: str) -> int:
        for number in range(callers):
            clock.now += 0.001
            await store.hit([(f"{name}:{number}", MINUTE), (f"{name}:{number}", HOUR)])
        return held_by(store)

    full = await held_after(1_000, "a")
    assert await held_after(10_000, "b") <= full
    # Expired windows are dropped.
    for name in ("c", "d"):
        clock.now += 10_000
        await held_after(1, name)
    clock.now += 10_000
    assert await held_after(1, "e") < full / 100


async def test_a_flood_of_other_callers_does_not_reset_a_busy_callers_count() -> None:
    store = MemoryRateStore(MovableClock(), most=100)
    assert await hits(store, 9, "busy") == 5
    for number in range(2_000):
        await store.hit([(f"other:{number}", MINUTE)])
        if number % 50 == 0:
            assert await hits(store, 1, "busy") == 0
