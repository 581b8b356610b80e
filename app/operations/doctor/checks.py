"""What a check is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from app.operations.doctor.patient import Patient
from app.operations.doctor.results import Result

SECONDS = 8.0
LONGER_SECONDS = 20.0
"""For what asks servers that are not ours."""

type Act = Callable[[Patient], Awaitable[Sequence[Result]]]


@dataclass(frozen=True, slots=True)
class Check:
    """One look at one thing. `remedy` is for what it did not foresee."""

    name: str
    act: Act
    remedy: str
    seconds: float = SECONDS
