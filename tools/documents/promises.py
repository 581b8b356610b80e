"""Each promise of SECURITY.md and each risk of OWASP's list names files of tests that exist."""

import re
from collections.abc import Iterator

from tools import ROOT
from tools.documents.markdown import Document, spans_of, tables

RISKS = [f"API{number}" for number in range(1, 11)]
TESTS = re.compile(r"tests/(?:\w+/)*test_\w+\.py")


def wrong_promises(promises: Document, shown: Document) -> Iterator[str]:
    """The tables of `shown` have a line for each promise and each risk, with tests."""
    (promised,) = tables(promises.section("What we protect, and how"))
    (tested,) = tables(shown.section("Promises"))
    (risks,) = tables(shown.section("OWASP API Security Top 10 (2023)"))
    names, lines = [row[0] for row in promised], [row[0] for row in tested]
    for name in sorted(set(names) - set(lines)):
        yield f"{shown.name}: no test for the promise {name!r}"
    for name in sorted(set(lines) - set(names)):
        yield f"{shown.name}: {promises.name} has no promise {name!r}"
    if [row[0].split()[0] for row in risks] != RISKS:
        yield f"{shown.name}: the risks are not API1 to API10"
    for row in [*tested, *risks]:
        yield from wrong_tests(shown, row[0], spans_of(row[-1]))


def wrong_tests(shown: Document, what: str, named: list[str]) -> Iterator[str]:
    """At least one file of tests is named, and each has tests."""
    if not named:
        yield f"{shown.name}: {what} names no test"
    for name in named:
        path = ROOT / name
        if not TESTS.fullmatch(name):
            yield f"{shown.name}: {name} is not a file of tests"
        elif not path.is_file() or "def test_" not in path.read_text(encoding="utf-8"):
            yield f"{shown.name}: there is no test in {name}"
