"""What a check says."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it is. Only `wrong` makes the whole a failure."""

    OK = "ok"
    WRONG = "wrong"
    LOOK = "look"
    """Nothing is broken, and somebody should look at it."""
    UNTRIED = "untried"
    """It is not in use here, or can't be seen from here."""


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was looked at: what was seen, and what to do where that is not right."""

    name: str
    verdict: Verdict
    words: str
    remedy: str = ""


def ok(name: str, words: str) -> Result:
    return Result(name, Verdict.OK, words)


def wrong(name: str, words: str, remedy: str) -> Result:
    return Result(name, Verdict.WRONG, words, remedy)


def look(name: str, words: str, remedy: str) -> Result:
    return Result(name, Verdict.LOOK, words, remedy)


def untried(name: str, words: str) -> Result:
    return Result(name, Verdict.UNTRIED, words)
