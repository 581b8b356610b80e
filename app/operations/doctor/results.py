"""The results of checks."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended. Only `wrong` makes `linky doctor` fail.

    The values are part of the output of `--json`: the changelog names a change of them.
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
