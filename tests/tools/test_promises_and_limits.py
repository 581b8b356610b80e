"""The checks of the documented promises and limits find what is missing."""

from typing import Any

import pytest

from app.core.rate_limit import PER_ADDRESS
from app.core.settings.config import Settings
from tests.tools.documents import document
from tools.documents import checks, limits, promises


def security(promise: str, test: str, risks: int = 10) -> list[str]:
    """What the check says of a promise with this test."""
    name = "tests/core/test_logging.py::test_the_name_of_an_event_is_never_hidden"
    rows = "".join(f"| API{number} A | b | `{name}` |\n" for number in range(1, risks + 1))
    promised = "## What we protect, and how\n\n| what | how |\n| --- | --- |\n| logs | so |\n"
    shown = (
        f"## Promises\n\n| what | tests |\n| --- | --- |\n| {promise} | {test} |\n\n"
        f"## OWASP API Security Top 10 (2023)\n\n| a | b | c |\n| --- | --- | --- |\n{rows}"
    )
    return list(
        promises.wrong_promises(
            document(promised, "SECURITY.md"), document(shown, "docs/security.md")
        )
    )


GOOD_TEST = "`tests/core/test_logging.py::test_addresses_in_a_traceback_are_removed`"


def test_a_promise_that_names_a_test_is_accepted() -> None:
    assert security("logs", GOOD_TEST) == []


@pytest.mark.parametrize(
    ("promise", "test", "risks", "words"),
    [
        ("logs", "", 10, "logs names no test"),
        ("logs", "`tests/core/test_logging.py::test_nothing`", 10, "there is no test"),
        ("logs", "`tests/core/test_missing.py::test_a`", 10, "there is no test"),
        ("logs", "`tests/core/test_logging.py`", 10, "is not of the form"),
        ("other", GOOD_TEST, 10, "no test for the promise 'logs'"),
        ("logs", GOOD_TEST, 9, "the risks are not API1 to API10"),
    ],
)
def test_a_promise_without_an_existing_test_is_found(
    promise: str, test: str, risks: int, words: str
) -> None:
    assert any(words in complaint for complaint in security(promise, test, risks))


HEAD = "| what | value | where | test |\n| --- | --- | --- | --- |\n"
POOL = "core/database.py: POOL_SIZE"


def complaints_about_limits(row: str, other: str = "") -> list[str]:
    """What is said of docs/limits.md with this row more, beside a document with another table."""
    text = checks.LIMITS.read_text(encoding="utf-8") + f"\n{HEAD}{row}"
    others = [document(f"{HEAD}{other}")] if other else []
    return list(limits.limits_without_a_test(document(text, "docs/limits.md"), others))


def test_a_limit_without_an_existing_test_is_found() -> None:
    assert complaints_about_limits(f"| pool | 10 | `{POOL}` | {GOOD_TEST} |") == []
    for named, words in (("-", "names no test"), ("`tests/a.py::test_b`", "there is no test")):
        (complaint,) = complaints_about_limits(f"| pool | 10 | `{POOL}` | {named} |")
        assert words in complaint


def test_a_limit_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    (complaint,) = complaints_about_limits("", "| jit | off | `core/database.py: JIT` | - |")
    assert "lacks core/database.py: JIT, which docs/clients.md has" in complaint
    field = Settings.model_fields["live_streams"]
    rates: dict[Any, Any] = PER_ADDRESS
    monkeypatch.setitem(Settings.model_fields, "new_limit", field)
    monkeypatch.setitem(rates, "new_class", ())
    found = complaints_about_limits("")
    assert found == [
        "docs/limits.md lacks LINKY_NEW_LIMIT",
        "docs/limits.md lacks new_class",
    ]
