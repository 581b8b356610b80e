"""Which command runs a test. A rule reads its folder, its fixtures and its marks; no test says it.

`make test` runs what is `in_process`, `make test-all` also what is `whole`, `make test-tools` the
tests of our own tools, `make test-faults` what is `long`. A test in the process starts no program
and is never skipped: else it fails, and belongs to another level.

The tests that `tests/slow.txt` names are `whole` though they are in the process, and have the mark
`slow`. `make slow-tests` writes that file (tests/costs.py).
"""

import inspect
import os
import re
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

IN_PROCESS, WHOLE, TOOLS, LONG = "in_process", "whole", "tools", "long"
RACES = "tests.support.races"
TASKS = {"gather", "TaskGroup"}

FOLDERS = {
    "tools": TOOLS,
    "faults": LONG,
    **dict.fromkeys(("journey", "client", "cuts", "host", "deploy", "bench"), WHOLE),
}

FIXTURES = {
    # Servers of ours, each in a process of its own, and what runs `linky` as operators do.
    *("server", "site", "town", "served", "demo", "linky_process", "backed_up"),
    # Programs of others: S3, Valkey, AWS, a PostgreSQL of one's own, a browser.
    *("endpoint", "valkey", "own_valkey", "aws", "stack", "pair", "enter", "chromium"),
}
"""A test that asks for one of these, itself or through others, is whole."""

PARAMETERS = {"s3", "valkey"}
"""Parameters of fixtures that choose one of the servers above."""

ALTHOUGH = {
    "journey/test_journey.py": IN_PROCESS,  # `make run` is the main job.
    "web/test_over_the_wire.py": IN_PROCESS,  # One server that is spoken to over TCP.
    "architecture/test_migrations.py": IN_PROCESS,  # pg_dump shows the schema that they make.
    # Data migrations that are released never change again: the night runs them.
    "architecture/test_bounded_times.py": LONG,
    "architecture/test_device_migrations.py": LONG,
    "architecture/test_sign_in_method_migrations.py": LONG,
    "architecture/test_post_search_migrations.py": LONG,
    # These hold for any migration.
    **dict.fromkeys(
        (
            f"architecture/test_post_search_migrations.py::{test}"
            for test in (
                "test_what_the_release_before_needs_stays_until_it_is_asked_to_go",
                "test_an_empty_database_gets_all_migrations",
                "test_revisions_at_the_end_that_only_remove_are_not_needed",
            )
        ),
        IN_PROCESS,
    ),
    # PostgreSQL's own programs dump and restore.
    "operations/test_backup.py": WHOLE,
    "operations/test_restore.py": WHOLE,
    "operations/test_restore_replacing.py": WHOLE,
    "operations/test_restored_pictures.py": WHOLE,
    "image/test_picture_places.py::test_a_backup_finds_a_picture_in_either_place": WHOLE,
    # A PostgreSQL of their own, which they start, stop or break.
    "operations/test_embedded.py": WHOLE,
    "operations/test_embedded_accounts.py": WHOLE,
    "operations/test_embedded_lifetime.py": WHOLE,
    # Processes that are supervised, killed, or told what is in their environment.
    "jobs/test_interrupted_workers.py": WHOLE,
    "operations/test_processes.py": WHOLE,
    "jobs/test_queue.py::test_environment_variables_do_not_rename_the_tables": WHOLE,
    # A Python that has imported nothing yet.
    "architecture/test_source.py::test_starting_the_app_does_not_import_heavy_libraries": WHOLE,
    "architecture/test_source.py::test_the_worker_does_not_import_the_server": WHOLE,
    "dev/test_absent.py::test_production_has_no_route_module_or_middleware_of_development": WHOLE,
    "dev/test_absent.py::test_a_server_starts_where_linky_dev_can_not_be_imported": WHOLE,
    "dev/test_absent.py::test_the_wheel_has_what_a_server_needs_and_no_linky_dev": WHOLE,
    "integrations/test_pictures.py::test_importing_the_renderer_loads_no_picture_library": WHOLE,
    "integrations/test_tracing.py::test_without_the_setting_nothing_is_loaded": WHOLE,
    # `linky` and the memo's steps as an operator types them.
    "cli/test_commands.py::test_migrate_can_run_again": WHOLE,
    "cli/test_commands.py::test_the_steps_of_the_memo_serve_the_docs": WHOLE,
    "cli/test_moving_guide.py": WHOLE,
    "cli/test_refusals.py::test_an_unknown_command_prints_no_traceback": WHOLE,
    "cli/test_refusals.py::test_uvicorn_prints_the_same_short_refusal": WHOLE,
    "dev/test_first_start.py::test_the_first_start_makes_the_demo_and_serves": WHOLE,
    # Many rows or rounds: seconds each, and smaller tests beside them show the same at once.
    "architecture/test_migrations.py::test_an_interrupted_migration_can_be_repeated": WHOLE,
    "architecture/test_migrations.py::test_each_migration_can_be_downgraded_and_repeated": WHOLE,
    "auth/test_many_sessions.py::test_any_number_of_sessions_ends_with_the_password": WHOLE,
    "cli/test_commands.py::test_seed_fills_only_an_empty_database": WHOLE,
    "cli/test_move_community.py": WHOLE,
    "notification/test_announcements.py::test_a_thousand_readers_are_pushed_to_in_batches": WHOLE,
    "post/test_search_exactness.py::test_a_search_finds_what_a_look_at_every_post_finds": WHOLE,
}
"""Files and tests of which the rule would say something else. Each has its reason.

A file of level 1 that stands here may start programs.
"""


SLOW_TESTS = Path(__file__).with_name("slow.txt")
NEVER_SLOW = (
    *("states/", "matrix/"),
    # They find a table, a list or a mark that something forgot.
    *("account/test_erased.py", "account/test_export.py", "account/test_leaving_concurrently.py"),
    *("live/test_marks.py", "live/test_visibility.py"),
)
"""What always runs in `make test`. So do races, and the files beside this one."""


def slow_tests(listed: Path = SLOW_TESTS) -> frozenset[str]:
    """The tests that a person moved to `make test-whole`. Raises UsageError for a wrong line."""
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    names = [line for line in lines if line and not line.startswith("#")]
    for name in names:
        path, _, test = name.partition("::")
        file = listed.parent / path
        if not file.is_file() or not re.search(rf"def {test}\(", file.read_text(encoding="utf-8")):
            raise pytest.UsageError(f"{listed.name} names {name}, which is gone: remove the line")
    return frozenset(names)


def is_race(test: Any) -> bool:
    """Whether a test, or a function of its file that it calls, does several things at a time.

    It uses `tests/support/races.py`, or waits for several tasks.
    """
    waiting, seen = [test], set[Any]()
    while waiting:
        code = getattr(inspect.unwrap(waiting.pop()), "__code__", None)
        if code is None or code in seen:
            continue
        seen.add(code)
        names = set(_names_in(code))
        used = [test.__globals__.get(name) for name in names]
        if names & TASKS or any(getattr(each, "__module__", "") == RACES for each in used):
            return True
        waiting += [each for each in used if getattr(each, "__module__", "") == test.__module__]
    return False


def _names_in(code: CodeType) -> Iterator[str]:
    """The names that a function and the functions within it use."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names_in(inner)


def level_of(item: pytest.Item) -> str:
    """The level by the rule, but `whole` for a slow test."""
    level = level_by_rule(item)
    return WHOLE if level == IN_PROCESS and is_slow(item) else level


def is_slow(item: pytest.Item) -> bool:
    """Whether `tests/slow.txt` names it. Raises UsageError if it must not be there."""
    name = _name_of(item)
    if name in item.config.stash[_SLOW] and never_slow(item):
        raise pytest.UsageError(f"{SLOW_TESTS.name} names {name}, which is never slow: remove it")
    return name in item.config.stash[_SLOW]


def never_slow(item: pytest.Item) -> bool:
    """Whether it runs in `make test` whatever it costs: states, the matrix, races, all routes."""
    name = _name_of(item)
    return (
        "/" not in name or name.startswith(NEVER_SLOW) or is_race(getattr(item, "function", None))
    )


def level_by_rule(item: pytest.Item) -> str:
    name = _name_of(item)
    path = name.partition("::")[0]
    if level := ALTHOUGH.get(name, ALTHOUGH.get(path)) or FOLDERS.get(path.partition("/")[0]):
        return level
    is_whole = (
        not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or not PARAMETERS.isdisjoint(_parameters_of(item))
        # It needs something that not every machine has.
        or item.get_closest_marker("skipif") is not None
    )
    return WHOLE if is_whole else IN_PROCESS


def _parameters_of(item: pytest.Item) -> list[str]:
    values = getattr(getattr(item, "callspec", None), "params", {}).values()
    return [value for value in values if isinstance(value, str)]


def _name_of(item: pytest.Item) -> str:
    return item.nodeid.removeprefix("tests/").partition("[")[0]


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    level = level_of(item)
    item.add_marker(level)
    if level != level_by_rule(item):
        item.add_marker("slow")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spare level 1 the import of folders in which it has nothing."""
    folder = collection_path.name
    has_other_level = config.option.markexpr == IN_PROCESS and folder in FOLDERS
    is_overruled = any(name.startswith(f"{folder}/") for name in ALTHOUGH)
    return True if has_other_level and not is_overruled else None


# Skips


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a skip fail in level 1, and in CI one for want of a program."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        is_missing = "install " in reason and bool(os.environ.get("NOTHING_MISSING"))
        if is_missing or level_by_rule(item) == IN_PROCESS:
            report.outcome = "failed"
            report.longrepr = f"This test must not be skipped here. {reason}"
    return report


# Programs

_STARTS = ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.exec", "os.system")
_SLOW = pytest.StashKey[frozenset[str]]()
_barred: list[str] = []
"""The test that may start no program at this moment, or nothing."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SLOW] = slow_tests()
    sys.addaudithook(_refuse_programs)


def _refuse_programs(event: str, arguments: tuple[Any, ...]) -> None:
    if _barred and event in _STARTS:
        raise RuntimeError(
            f"{_barred[0]} starts a program ({event} {arguments[:2]}), so it is not in the "
            "process: it needs a fixture of FIXTURES in tests/levels.py, or a line in ALTHOUGH"
        )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    may_start = ALTHOUGH.get(_name_of(item).partition("::")[0]) == IN_PROCESS
    if level_by_rule(item) == IN_PROCESS and not may_start:
        _barred.append(item.nodeid)
    try:
        return (yield)
    finally:
        _barred.clear()


@contextmanager
def unbarred() -> Iterator[None]:
    """For what a whole run shares: the first test that needs it starts it."""
    past = list(_barred)
    _barred.clear()
    try:
        yield
    finally:
        _barred.extend(past)


# What a run took


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [each for group in terminalreporter.stats.values() for each in group]
    seconds = sum(getattr(report, "duration", 0.0) for report in reports)
    terminalreporter.write_line(f"{seconds:.0f} seconds of tests, added up over the processes")
