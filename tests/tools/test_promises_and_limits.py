"""The checks of the documented promises and limits find what is missing."""

from typing import Any

import pytest

from app.core.rate_limit import PER_ADDRESS
from tests.tools.documents import document
from tools.documents import checks, limits, promises


def security(promise: str, test: str, risks: int = 10) -> list[str]:
    """What the check says of a promise with this test."""
    name = "tests/core/test_logging.py"
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


GOOD_TEST = "`tests/core/test_logging.py`"


def test_a_promise_that_names_a_test_is_accepted() -> None:
    assert security("logs", GOOD_TEST) == []


@pytest.mark.parametrize(
    ("promise", "test", "risks", "words"),
    [
        ("logs", "", 10, "logs names no test"),
        ("logs", "`tests/core/test_missing.py`", 10, "there is no test"),
        ("logs", "`app/core/logging.py`", 10, "is not a file of tests"),
        ("other", GOOD_TEST, 10, "no test for the promise 'logs'"),
        ("logs", GOOD_TEST, 9, "the risks are not API1 to API10"),
    ],
)
def test_a_promise_without_an_existing_test_is_found(
    promise: str, test: str, risks: int, words: str
) -> None:
    assert any(words in complaint for complaint in security(promise, test, risks))


POOL = "core/database.py: POOL_SIZE"
HEAD = "| limit | value | where |\n| --- | --- | --- |\n"


def complaints_about_limits(row: str = "", other: str = "") -> list[str]:
    """What is said of docs/limits.md with this row more, beside a document with another table."""
    text = checks.LIMITS.read_text(encoding="utf-8") + f"\n{HEAD}{row}"
    others = [document(f"{HEAD}{other}")] if other else []
    return list(limits.wrong_rows(document(text, "docs/limits.md"), others))


def test_a_limit_that_is_missing_or_repeated_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert complaints_about_limits() == []
    assert complaints_about_limits(f"| pool | 10 | `{POOL}` |") == [
        f"docs/limits.md has {POOL} 2 times"
    ]
    (complaint,) = complaints_about_limits(other="| jit | off | `core/database.py: JIT` |")
    assert "lacks core/database.py: JIT, which docs/http.md has" in complaint
    rates: dict[Any, Any] = PER_ADDRESS
    monkeypatch.setitem(rates, "new_class", ())
    assert complaints_about_limits() == ["docs/limits.md lacks new_class"]
