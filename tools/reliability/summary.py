"""Summaries of faults: what was survived, how often, what was lost.

A test records each run in `.reliability`, which git ignores. `make reliability` moves what is there
into docs/reliability and writes the pages.
"""

import fcntl
import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.words import Words
from tools import ROOT, output_of

FRESH = ROOT / ".reliability"
KEPT = ROOT / "docs" / "reliability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    name: str
    title: Words
    acknowledged: int = 0
    """Writes that the server has confirmed to a client."""
    lost: int = 0
    """Writes that were acknowledged, and were not there afterwards."""
    twice: int = 0
    refused: int = 0
    """503 and broken connections."""
    other_5xx: int = 0
    recovered: bool = True
    """Whether the server was back in time, by itself."""
    recovery_seconds: float | None = None
    """From the end of the fault to the first good answer."""
    note: Words | None = None

    @property
    def survived(self) -> bool:
        return self.recovered and not (self.lost or self.twice or self.other_5xx)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    name: str
    title: Words
    runs: int = 0
    survived: int = 0
    acknowledged: int = 0
    lost: int = 0
    twice: int = 0
    refused: int = 0
    other_5xx: int = 0
    recovery_seconds: float | None = None
    """Of the slowest run."""
    note: Words | None = None

    def plus(self, run: Outcome) -> "Scenario":
        """Words are those of the last run."""
        times = [s for s in (self.recovery_seconds, run.recovery_seconds) if s is not None]
        return Scenario(
            name=run.name,
            title=run.title,
            runs=self.runs + 1,
            survived=self.survived + run.survived,
            acknowledged=self.acknowledged + run.acknowledged,
            lost=self.lost + run.lost,
            twice=self.twice + run.twice,
            refused=self.refused + run.refused,
            other_5xx=self.other_5xx + run.other_5xx,
            recovery_seconds=round(max(times), 1) if times else None,
            note=run.note or self.note,
        )


@dataclass(frozen=True, slots=True)
class TableLock:
    """What a migration locked while servers used it, in milliseconds."""

    migration: str
    table: str
    mode: str
    held_ms: float
    """At most."""
    waited_ms: float
    """The longest that another session waited for the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    suite: str
    commit: str = ""
    date: str = ""
    machine: str = ""
    scenarios: list[Scenario] = field(default_factory=list)
    locks: list[TableLock] = field(default_factory=list)

    def plus(self, run: Outcome) -> "Suite":
        known = {scenario.name: scenario for scenario in self.scenarios}
        before = known.get(run.name, Scenario(name=run.name, title=run.title))
        known[run.name] = before.plus(run)
        return replace(self, scenarios=[known[name] for name in sorted(known)])


def record(suite: str, run: Outcome, locks: Sequence[TableLock] = ()) -> None:
    """Add a run to the summary of a suite. Several processes may do so at once."""
    FRESH.mkdir(exist_ok=True)
    path = FRESH / f"{suite}.json"
    with _locked(FRESH / f"{suite}.lock"):
        before = read(path) if path.exists() else Suite(suite=suite)
        now = replace(
            before,
            commit=_commit(),
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            machine=_machine(),
            locks=_worst([*before.locks, *locks]),
        )
        write(path, now.plus(run))


def _worst(locks: Iterable[TableLock]) -> list[TableLock]:
    worst: dict[tuple[str, str, str], TableLock] = {}
    for each in locks:
        key = each.migration, each.table, each.mode
        other = worst.get(key, each)
        worst[key] = replace(
            each,
            held_ms=max(each.held_ms, other.held_ms),
            waited_ms=max(each.waited_ms, other.waited_ms),
        )
    return list(worst.values())


def read(path: Path) -> Suite:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    scenarios = [
        Scenario(**{**each, "title": _words(each["title"]), "note": _words(each["note"])})
        for each in found.pop("scenarios")
    ]
    locks = [TableLock(**each) for each in found.pop("locks", ())]
    return Suite(scenarios=scenarios, locks=locks, **found)


def write(path: Path, suite: Suite) -> None:
    """Whole or not at all."""
    part = path.with_suffix(".part")
    found = asdict(suite)
    for one, scenario in zip(found["scenarios"], suite.scenarios, strict=True):
        one |= {"title": _named(scenario.title), "note": _named(scenario.note)}
    text = json.dumps(found, ensure_ascii=False, indent=2)
    part.write_text(f"{text}\n", encoding="utf-8")
    part.replace(path)


def suites(folder: Path = KEPT) -> list[Suite]:
    return [read(path) for path in sorted(folder.glob("*.json"))]


def _words(found: dict[str, str] | None) -> Words | None:
    return None if found is None else Words(**found)


def _named(words: Words | None) -> dict[str, str] | None:
    return None if words is None else words._asdict()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _commit() -> str:
    return output_of("git", "describe", "--always", "--dirty").strip()


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
