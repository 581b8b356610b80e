"""Counts calls, behind a protocol: here in this process's memory.

The store that several processes share is `integrations/valkey.py`. Both count alike.
"""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

MAX_COUNTED = 50_000
"""Callers in a generation. Two full generations take about 20 MB, and there are never more."""


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `calls` in any window of `seconds` seconds."""

    calls: int
    seconds: int


class CallCount(NamedTuple):
    allowed: bool
    remaining: int
    reset: int
    """Seconds until the window ends; after a refused call, until the next call is allowed."""


class RateStore(Protocol):
    async def hit(self, counters: Sequence[tuple[str, Quota]]) -> Sequence[CallCount]:
        """Counts the call on all counters, or on none if one is used up."""
        ...


type Window = tuple[float, int, int]
"""When the window began, the calls in the window before it, and the calls in it.

A plain tuple of numbers: the garbage collector skips it, and there may be a hundred thousand.
"""


class MemoryRateStore:
    """Counts in sliding windows: the calls of this window, and a falling share of the last one.

    A window begins with its caller's first call. A call costs the same with one caller and with
    50,000, and there is no clean-up: see `_Generations`.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, most: int = MAX_COUNTED
    ) -> None:
        self._clock = clock
        self._by_length: defaultdict[int, _Generations] = defaultdict(lambda: _Generations(most))

    async def hit(self, counters: Sequence[tuple[str, Quota]]) -> Sequence[CallCount]:
        # Nothing is awaited in here, so no other call comes between the check and the count.
        now = self._clock()
        asked = [(self._window(key, quota, now), key, quota) for key, quota in counters]
        allowed = all(_free(window, quota, now) > 0 for window, _, quota in asked)
        if allowed:
            asked = [(self._add(window, key, quota), key, quota) for window, key, quota in asked]
        return [count_of(window, quota, now, counted=allowed) for window, _, quota in asked]

    def _window(self, key: str, quota: Quota, now: float) -> Window:
        """The window as it is before this call is counted."""
        generations = self._by_length[quota.seconds]
        generations.turn(now, 2 * quota.seconds)
        began, before, calls = generations.get(key) or (now, 0, 0)
        if now < began + quota.seconds:
            return began, before, calls
        if now < began + 2 * quota.seconds:
            return began + quota.seconds, calls, 0
        return now, 0, 0

    def _add(self, window: Window, key: str, quota: Quota) -> Window:
        began, before, calls = window
        self._by_length[quota.seconds].put(key, (began, before, calls + 1))
        return began, before, calls + 1


@dataclass(slots=True)
class _Generations:
    """Windows by caller. A caller who is not seen for a whole generation is forgotten with it.

    A generation ends after two windows, when nothing of the one before counts any more, or when it
    is full. Even then it forgets only callers who were silent while so many others called.
    """

    most: int
    young: dict[str, Window] = field(default_factory=dict)
    old: dict[str, Window] = field(default_factory=dict)
    turned: float = -math.inf

    def turn(self, now: float, after: float) -> None:
        if now - self.turned >= after or len(self.young) >= self.most:
            self.young, self.old, self.turned = {}, self.young, now

    def get(self, key: str) -> Window | None:
        window = self.young.get(key)
        if window is None and (window := self.old.pop(key, None)) is not None:
            self.young[key] = window
        return window

    def put(self, key: str, window: Window) -> None:
        self.young[key] = window


def _free(window: Window, quota: Quota, now: float) -> int:
    began, before, calls = window
    share = (began + quota.seconds - now) / quota.seconds
    # Rounded so that one call is free as soon as any time has passed. 1e-9 absorbs the rounding
    # error of floats.
    carried = max(0, math.ceil(before * share - 1e-9) - 1)
    return quota.calls - carried - calls


def count_of(window: Window, quota: Quota, now: float, *, counted: bool) -> CallCount:
    """`counted` is False for a refused call."""
    began, before, calls = window
    wait = began + quota.seconds - now
    free = _free(window, quota, now)
    if counted or free > 0:
        return CallCount(True, max(free, 0), _whole_seconds(wait, quota))
    if calls < quota.calls:
        # The share of the last window becomes small enough before this window ends.
        wait -= quota.seconds * (quota.calls - calls) / before
    return CallCount(False, 0, _whole_seconds(wait, quota))


def _whole_seconds(wait: float, quota: Quota) -> int:
    # At a window's beginning the sum of floats can exceed its length by a rounding error.
    return max(1, min(quota.seconds, math.ceil(wait)))
