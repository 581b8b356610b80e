"""The CPU time of a piece of work.

A run can cost more than its work: the garbage collector may start in it, or another thread of the
process may work at the same time. So the fastest of several runs counts.
"""

import time
from collections.abc import Callable


def cpu_seconds(work: Callable[[], object], times: int = 5) -> float:
    """The CPU seconds of the fastest of so many runs."""
    return min(_once(work) for _ in range(times))


def _once(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun
