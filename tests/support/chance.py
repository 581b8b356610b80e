"""How much tests leave to chance: nothing in CI, all they can in the nightly run.

By day each run draws the same cases, so that a change fails by its own faults alone. With `NIGHT=1`
(`make test-long`) the seed comes from the system, and more is tried; the head of the run shows the
seed, and `SEED=…` repeats it. What was found in the nightly run becomes a case in CI: an `@example`
of hypothesis, or a seed in the test's list.
"""

import os
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import HealthCheck, seed, settings

NIGHT = os.environ.get("NIGHT") == "1"

_DAY = 94  # Under this seed the few rounds of tests/states do nearly every kind of action.

# The workers of a run inherit it, and so draw from the same seed.
SEED = int(os.environ.setdefault("SEED", str(secrets.randbits(32) if NIGHT else _DAY)))

# Slow examples are not a failure: the machine may be busy. At night a strategy may look for long.
_CHECKED_BY_DAY = {HealthCheck.filter_too_much}
settings.register_profile(
    "day",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=set(HealthCheck) - _CHECKED_BY_DAY,
)
settings.register_profile(
    "night", database=None, deadline=None, print_blob=True, suppress_health_check=set(HealthCheck)
)


def load_profile() -> None:
    """Set what hypothesis does in every test that doesn't say it itself."""
    settings.load_profile("night" if NIGHT else "day")


def shown() -> str:
    """What the head of a run says."""
    return f"{'NIGHT=1 ' if NIGHT else ''}SEED={SEED}"


def times(by_day: int, at_night: int) -> int:
    return at_night if NIGHT else by_day


def seeds(by_day: int, at_night: int, found: Iterable[int] = ()) -> list[int]:
    """The seeds of a test: those that failed once, and as many others as the hour allows."""
    return [*found, *range(SEED, SEED + times(by_day, at_night))]


def tried[Test: Callable[..., Any]](
    examples: int, at_night: int | None = None
) -> Callable[[Test], Test]:
    """So many examples in CI, and a hundred times as many in the nightly run, if nothing else is
    said.
    """
    some = settings(max_examples=times(examples, at_night or 100 * examples))
    return lambda test: seed(SEED)(some(test))
