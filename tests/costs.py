"""`make slow-tests`: write `tests/slow.txt`, the tests that cost too much CPU for `make test`.

A pytest plugin, for one process on Linux. The CPU time of a case is that of its call, in Python and
in all processes of PostgreSQL. That of a test is the mean of its cases.
"""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Set
from pathlib import Path

import pytest

from tests import levels
from tests.support import contract
from tests.support.memory import memory_folder

MOST = 0.2
"""Seconds of CPU."""

MOST_OF_LISTED = 0.15
"""A test stays in the list until it takes less: so it does not come and go with the machine."""

HEAD = """\
# Tests that cost more than 0.2 s of CPU: `make test-whole` runs them, `make test` does not.
# `make slow-tests` writes this file, and a person commits it.
"""

type Notes = Mapping[str, Set[contract.Note]]
"""What each test has seen of the contract."""

_seconds: dict[str, list[float]] = defaultdict(list)
_notes: dict[str, set[contract.Note]] = defaultdict(set)
_kept: set[str] = set()
"""Tests that stay in `make test` whatever they cost."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    begun = time.process_time() + _database_seconds()
    yield
    took = time.process_time() + _database_seconds() - begun
    _seconds[_test(item)].append(took)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    seen, test = set(contract.seen), _test(item)
    contract.seen.clear()
    if levels.never_slow(item):
        _kept.add(test)
    try:
        return (yield)
    finally:
        _notes[test] |= contract.seen
        contract.seen |= seen


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == pytest.ExitCode.OK:
        means = {test: statistics.mean(each) for test, each in _seconds.items()}
        names = chosen(means, levels.slow_tests(), _kept, _notes)
        levels.SLOW_TESTS.write_text("\n".join([HEAD, *names, ""]), encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    total, listed = sum(map(sum, _seconds.values())), levels.slow_tests()
    slow = sum(sum(each) for test, each in _seconds.items() if test in listed)
    terminalreporter.write_line(
        f"{total:.0f} s of CPU in the calls, {slow:.0f} s of it in {len(listed)} slow tests"
    )


def chosen(
    seconds: Mapping[str, float], listed: Set[str], kept: Iterable[str], notes: Notes
) -> list[str]:
    """The tests to list, by the seconds of each.

    None of them is the only one to see an operation or a code: `make test` asks for all of these.
    """
    slow = {
        test: cost
        for test, cost in seconds.items()
        if cost > (MOST_OF_LISTED if test in listed else MOST)
    }
    for test in kept:
        slow.pop(test, None)
    seen = set[contract.Note]().union(*(notes.get(test, ()) for test in seconds.keys() - slow))
    for test in sorted(slow, key=lambda test: slow[test]):
        if new := notes.get(test, set()) & set(contract.promised()) - seen:
            seen |= new
            del slow[test]
    return sorted(slow)


def _test(item: pytest.Item) -> str:
    return item.nodeid.removeprefix("tests/").partition("[")[0]


def _database_seconds() -> float:
    """What all processes of the tests' PostgreSQL have worked, those that have ended included."""
    folder = memory_folder()
    pid_file = folder and folder / "data" / "postgres" / "postmaster.pid"
    if pid_file is None or not pid_file.exists():
        return 0.0
    parent = pid_file.read_text().split()[0]
    own, ended = _times(parent)
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return own + ended + sum(_times(child)[0] for child in children)


def _times(pid: str) -> tuple[float, float]:
    """The CPU seconds of a process, and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # It has ended just now.
        return 0.0, 0.0
    own, system, ended, ended_system = (int(field) for field in fields[11:15])
    ticks = os.sysconf("SC_CLK_TCK")
    return (own + system) / ticks, (ended + ended_system) / ticks
