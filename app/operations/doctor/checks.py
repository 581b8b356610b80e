"""What a check consists of."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result

CHECK_SECONDS = 8.0
REMOTE_CHECK_SECONDS = 20.0
"""For checks that wait for the servers of other companies, or read much."""

type CheckFunction = Callable[[Installation], Awaitable[Sequence[Result]]]


@dataclass(frozen=True, slots=True)
class Check:
    """A named check. `remedy` is the advice for an error that the check did not expect."""

    name: str
    run: CheckFunction
    remedy: str
    seconds: float = CHECK_SECONDS
