"""The results of checks."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.operations.doctor.installation import Installation


class Verdict(StrEnum):
    """How a check ended. Only `wrong` makes `linky doctor` fail.

    The values are part of the output of `--json`: a change of them belongs into the changelog.
    """

    OK = "ok"
    WRONG = "wrong"
    WARNING = "warning"
    """Nothing is broken, but an operator should check it."""
    UNTRIED = "untried"
    """Not in use here, or not visible from here."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a check saw, and the remedy if that is not right."""

    name: str
    verdict: Verdict
    words: str
    remedy: str = ""


def ok(name: str, words: str) -> Result:
    return Result(name, Verdict.OK, words)


def wrong(name: str, words: str, remedy: str) -> Result:
    return Result(name, Verdict.WRONG, words, remedy)


def warning(name: str, words: str, remedy: str) -> Result:
    return Result(name, Verdict.WARNING, words, remedy)


def untried(name: str, words: str) -> Result:
    return Result(name, Verdict.UNTRIED, words)


CHECK_SECONDS = 8.0
REMOTE_CHECK_SECONDS = 20.0
"""The limit of checks that wait for servers of other companies, or read much."""

type CheckFunction = Callable[[Installation], Awaitable[Sequence[Result]]]


@dataclass(frozen=True, slots=True)
class Check:
    """A named check. `remedy` is the advice for an error that the check did not expect."""

    name: str
    run: CheckFunction
    remedy: str
    seconds: float = CHECK_SECONDS
