"""Runs a feature's tests without a mutant, and then for each mutant those that reach it.

All of it happens in one process of pytest, so that the database, the app and its prepared
statements live on.
"""

import importlib
import io
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from types import CodeType, FrameType, FunctionType

import pytest
from _pytest.nodes import Node
from _pytest.runner import runtestprotocol

from tools.mutants.mutations import Mutant, code_with
from tools.mutants.swapping import functions_of, nested, swapped

_OPTIONS = (
    *("-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider"),
    # What a mutant has left behind would fail a test of the next one, when it is collected.
    *("-W", "ignore::pytest.PytestUnraisableExceptionWarning"),
)

_AGAIN_SECONDS = 5
"""When the limit strikes again: something may have swallowed it, or the next fixture hangs too."""

_TOOL = sys.monitoring.COVERAGE_ID

type Line = tuple[str, int]
"""A file and the number of its line."""


class Outcome(StrEnum):
    KILLED = "killed"
    SURVIVED = "survived"
    NOT_REACHED = "not reached by any test"
    UNCONFIRMED = "confirmed by no clean run"
    """A test failed under the mutant, and then without it too."""

    NOT_TRIED = "not tried"
    """Python compiles it to the same code, or its function can't get the code."""


@dataclass(frozen=True, slots=True)
class Tried:
    mutant: Mutant
    outcome: Outcome
    test: str = ""
    """The test that failed."""


class TestsFailed(Exception):
    """Tests fail without a mutant, or could not run. The message is what pytest printed."""


class Hang(BaseException):
    """A test took too long.

    It is neither an Exception nor a failure of pytest. After one of those, anyio keeps the task of
    the test, and the next test waits for it.
    """


def try_mutants(feature: str, mutants: Sequence[Mutant], limit: float) -> list[Tried]:
    """Try these mutants in this process. Raises TestsFailed.

    Under a mutant a test may wait for ever. It may take `limit` seconds, or five times as long as
    without. After a mutant that broke the tests after it, this stops: the rest needs a new process.
    """
    runner = _Runner(mutants, limit)
    arguments = [f"tests/{feature}", "-m", "in_process", *_OPTIONS]
    with redirect_stdout(io.StringIO()) as printed, redirect_stderr(printed):
        status = pytest.main(arguments, plugins=[runner])
    if status != pytest.ExitCode.OK:
        raise TestsFailed(printed.getvalue())
    return runner.tried


class _Runner:
    """A plugin of pytest, which runs the tests in place of pytest's own loop."""

    def __init__(self, mutants: Sequence[Mutant], limit: float) -> None:
        self.tried: list[Tried] = []
        self._mutants = mutants
        self._limit = limit
        self._seconds: dict[pytest.Item, float] = {}
        """How long each test took without a mutant."""

        self._reach = defaultdict[Line, set[pytest.Item]](set)
        """The tests that execute a line."""

        self._reports: Sequence[pytest.TestReport] = ()
        """What became of the last test."""

        self._has_hung = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            pytest.exit("The tests could not be collected", 1)
        filenames = {path: _filename(path) for path in {each.path for each in self._mutants}}
        functions = functions_of(set(filenames.values()))
        self._run_clean(session.items, functions)
        for mutant in self._mutants:
            is_sound = self._try(mutant, filenames[mutant.path], functions)
            if not is_sound:
                break
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item) -> bool:
        """Run a test inside the wrappers of other plugins, which set filters of warnings."""
        self._has_hung = False
        # Without a mutant a test has its time: the first one makes the database.
        limit = max(self._limit, 5 * self._seconds.get(item, 30))
        with _limited(limit, self._end_hang):
            self._reports = runtestprotocol(item, log=False, nextitem=nextitem)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self) -> Generator[None, object, object]:
        """Stop the database even if a mutant has broken the event loop for good."""
        with _limited(self._limit, _end_fixture):
            return (yield)

    def _run_clean(self, items: Sequence[pytest.Item], functions: Iterable[FunctionType]) -> None:
        """Run all tests without a mutant. Notes the lines that each executes, and its time."""
        seen: set[Line] = set()
        with _watched(functions, seen):
            for item, following in zip(items, [*items[1:], items[0].session], strict=True):
                seen.clear()
                sys.monitoring.restart_events()
                begun = time.perf_counter()
                if self._fails(item, following):
                    pytest.exit(f"{item.nodeid} fails without a mutant\n{self._failure()}", 1)
                self._seconds[item] = time.perf_counter() - begun
                for line in seen:
                    self._reach[line].add(item)

    def _try(self, mutant: Mutant, filename: str, functions: Sequence[FunctionType]) -> bool:
        """Returns whether tests pass again afterwards."""
        tests = self._tests_of(mutant, filename)
        with swapped(functions, code_with(mutant, filename)) as changed:
            killer = next((test for test in tests if self._fails(test)), None) if changed else None
        if killer is None:
            outcome = Outcome.SURVIVED if tests else Outcome.NOT_REACHED
            self.tried.append(Tried(mutant, outcome if changed else Outcome.NOT_TRIED))
            return True
        has_hung = self._has_hung
        is_sound = not self._fails(killer)
        outcome = Outcome.KILLED if is_sound or has_hung else Outcome.UNCONFIRMED
        self.tried.append(Tried(mutant, outcome, killer.nodeid))
        return is_sound

    def _tests_of(self, mutant: Mutant, filename: str) -> list[pytest.Item]:
        """The tests that execute the line, the fastest first."""
        lines = range(mutant.line, mutant.last_line + 1)
        tests = set().union(*(self._reach[filename, line] for line in lines))
        return sorted(tests, key=self._seconds.__getitem__)

    def _fails(self, test: pytest.Item, following: Node | None = None) -> bool:
        """Run a test. Afterwards those fixtures live on that `following` has too.

        Without it these are the fixtures of the session: no other one outlives its mutant.
        """
        test.ihook.pytest_runtest_protocol(item=test, nextitem=following or test.session)
        return any(report.failed for report in self._reports)

    def _failure(self) -> str:
        return "\n".join(report.longreprtext for report in self._reports if report.failed)

    def _end_hang(self, _signal: int, _frame: FrameType | None) -> None:
        self._has_hung = True
        raise Hang


def _end_fixture(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


def _filename(path: str) -> str:
    """The file of a module as its functions name it. Imports the module."""
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return str(importlib.import_module(name).__file__)


@contextmanager
def _limited(seconds: float, handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Call the handler after the limit, and again and again until this ends."""
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _watched(functions: Iterable[FunctionType], seen: set[Line]) -> Iterator[None]:
    """Add the lines of these functions to `seen` that are executed, each once until a restart."""

    def note(code: CodeType, line: int) -> object:
        seen.add((code.co_filename, line))
        return sys.monitoring.DISABLE

    codes = [code for function in functions for code in nested(function.__code__)]
    event = sys.monitoring.events.LINE
    sys.monitoring.use_tool_id(_TOOL, "mutants")
    sys.monitoring.register_callback(_TOOL, event, note)
    for code in codes:
        sys.monitoring.set_local_events(_TOOL, code, event)
    try:
        yield
    finally:
        for code in codes:
            sys.monitoring.set_local_events(_TOOL, code, 0)
        sys.monitoring.register_callback(_TOOL, event, None)
        sys.monitoring.free_tool_id(_TOOL)
