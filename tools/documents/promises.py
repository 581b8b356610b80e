"""Each promise of SECURITY.md and each risk of OWASP's list names tests, which exist."""

import re
from collections.abc import Iterator
from functools import cache

from tools import ROOT
from tools.documents.markdown import Document, spans_of, tables

RISKS = [f"API{number}" for number in range(1, 11)]
TEST = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")


def wrong_promises(promises: Document, shown: Document) -> Iterator[str]:
    """The tables of `shown` have a line for each promise and each risk, with tests that exist."""
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
    """At least one test is named, and each exists."""
    if not named:
        yield f"{shown.name}: {what} names no test"
    for span in named:
        found = TEST.fullmatch(span)
        if found is None:
            yield f"{shown.name}: {span} is not of the form tests/FILE.py::test_NAME"
        elif found[2] not in _tests_in(found[1]):
            yield f"{shown.name}: there is no test {span}"


@cache
def _tests_in(name: str) -> frozenset[str]:
    path = ROOT / name
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return frozenset(re.findall(r"^ *(?:async )?def (test_\w+)\(", text, re.MULTILINE))
