"""The checks of the documents pass, and each check finds mistakes."""

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.core.config import Settings
from app.core.rate_limit import PER_ADDRESS
from app.post.repository import search
from tools import ROOT, settings
from tools.documents import (
    checks,
    decisions,
    figures,
    languages,
    limits,
    names,
    promises,
    structure,
)
from tools.documents.markdown import Document, read, tables

PAIRS = languages.pairs()
PAIR_NAMES = [english.name for english, _ in PAIRS]

NO_DECISION = "0099"

type Check = Callable[[Document], Iterator[str]]


def document(text: str, name: str = "docs/clients.md") -> Document:
    """A document with this text, at the path of an existing document."""
    return Document(ROOT / name, text)


@pytest.mark.parametrize("name", checks.CHECKS)
def test_the_documents_pass_every_check(
    name: str, search_budget: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "BUDGET_SECONDS", search_budget)
    assert list(checks.CHECKS[name]()) == []


def test_every_document_for_users_and_operators_exists_in_both_languages() -> None:
    names = ("clients", "operating", "reliability", "runbook", "scaling", "settings")
    docs = [f"docs/{name}.md" for name in names]
    assert ["README.md", *docs] == PAIR_NAMES


@pytest.mark.parametrize(("english", "japanese"), PAIRS, ids=PAIR_NAMES)
def test_both_languages_have_the_same_headings_commands_lists_and_tables(
    english: Document, japanese: Document
) -> None:
    assert list(languages.differences(english, japanese)) == []


@pytest.mark.parametrize(("english", "japanese"), PAIRS, ids=PAIR_NAMES)
def test_a_document_links_to_documents_in_its_language(
    english: Document, japanese: Document
) -> None:
    assert list(languages.wrong_language(english, japanese)) == []


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("# A\n\n## B\n", "# A\n"),
        ("# A\n\n## B\n", "# A\n\n### B\n"),
        ("# A\n\n- one\n", "# A\n\n- one\n- two\n"),
        ("# A\n\n1. one\n", "# A\n\n- one\n"),
        ("# A\n\n| a |\n| --- |\n| b |\n", "# A\n\n| a |\n| --- |\n"),
        ("# A\n\n```sh\nmake run\n```\n", "# A\n\n```sh\nmake test\n```\n"),
        ("# A\n\nSet `LINKY_PORT`.\n", "# A\n\n`LINKY_HOST`\n"),
    ],
    ids=["heading", "level", "item", "kind of list", "row", "command", "setting"],
)
def test_a_difference_between_the_languages_is_found(english: str, japanese: str) -> None:
    pair = (document(english, "docs/runbook.md"), document(japanese, "docs/runbook.ja.md"))
    assert list(languages.differences(*pair))
    assert not list(languages.differences(pair[0], pair[0]))


def test_comments_in_commands_may_differ_between_the_languages() -> None:
    english = document("# A\n\n```sh\nmake run  # serve\n```\n", "docs/runbook.md")
    japanese = document("# A\n\n```sh\nmake run  # 起動\n```\n", "docs/runbook.ja.md")
    assert not list(languages.differences(english, japanese))


def test_a_link_into_the_other_language_is_found() -> None:
    english = document("[to](runbook.ja.md#doctor)", "docs/operating.md")
    japanese = document("[to](runbook.md#doctor)", "docs/operating.ja.md")
    assert len(list(languages.wrong_language(english, japanese))) == 2
    switch = document("[日本語](operating.ja.md)", "docs/operating.md")
    assert not list(languages.wrong_language(switch, document("", "docs/operating.ja.md")))


WRONG: list[tuple[Check, str]] = [
    (names.broken_links, "[a](nowhere.md)"),
    (names.broken_links, "[a](#nowhere)"),
    (names.broken_links, "[a](../README.md#nowhere)"),
    (names.missing_paths, "See `app/core/nowhere.py`."),
    (names.missing_paths, "See `core/nowhere.py`."),
    (names.missing_paths, "See `deploy/nowhere`."),
    (names.missing_paths, "See `nowhere.html`."),
    (names.missing_paths, "See `static/nowhere.js`."),
    (names.unknown_settings, "Set `LINKY_NOWHERE`."),
    (names.unknown_targets, "Run `make nothing`."),
    (names.unknown_targets, "```sh\nmake nothing\n```\n"),
    (names.unknown_commands, "Run `linky nothing`."),
    (names.unknown_commands, "Run `linky jobs nothing`."),
    (names.unknown_commands, "```sh\nsudo linky nothing\n```\n"),
    (names.unknown_calls, "Call `POST /nothing`."),
    (names.unknown_calls, "Call `DELETE /posts`."),
    (names.unknown_codes, "It is 409 `nothing_taken`."),
    (names.unknown_codes, "It is 404 `email_taken`."),
    (names.unknown_codes, "| status | code |\n| --- | --- |\n| 409 | `nothing_taken` |\n"),
    (decisions.unknown_decisions, f"See ADR {NO_DECISION}."),
    (decisions.unknown_decisions, f"See docs/adr/{NO_DECISION}-nowhere.md."),
    (languages.unlisted_sections, "# A\n\n- [b](#b)\n\n## B\n\n## C\n"),
    (figures.missing_phrases, "The access token lives 31 minutes."),
    (
        figures.wrong_figures,
        "| a | b | c |\n|-|-|-|\n| pool | 21 | `core/database.py: POOL_SIZE` |\n",
    ),
    (
        figures.wrong_figures,
        "| a | b | c |\n|-|-|-|\n| pool | 20 | `core/database.py: NOTHING` |\n",
    ),
    (
        figures.wrong_figures,
        "| a | b | c |\n|-|-|-|\n| pool | many | `core/database.py: POOL_SIZE` |\n",
    ),
    (figures.wrong_limits, "| a | b |\n| --- | --- |\n| `title_length` | 100 |\n"),
    (figures.wrong_rates, "| a | b | c | d |\n|-|-|-|-|\n| `read` | 1 a minute | 2 an hour | |\n"),
]


@pytest.mark.parametrize(("check", "text"), WRONG)
def test_a_mistake_is_found(check: Check, text: str) -> None:
    assert list(check(document(text)))


RIGHT: list[tuple[Check, str]] = [
    (names.broken_links, "[a](runbook.md#doctor), [b](https://example.com/nowhere)"),
    (names.missing_paths, "`app/FEATURE/router.py`, `core/config.py`, `text/plain`, `a/b`"),
    (names.missing_paths, "`compose.yaml`, `static/console.js`, `app/FEATURE/router.py`"),
    (decisions.unknown_decisions, "ADR 0003, `docs/adr/0003-embedded-postgresql.md`, in 0099"),
    (names.unknown_settings, "`LINKY_PORT`"),
    (names.unknown_targets, "`make run`; make sure of it"),
    (names.unknown_commands, "`linky jobs list`, `linky records ID`, `linky-api`"),
    (names.unknown_calls, "`GET /posts/{id}`, `GET /api/v1/meta`, `GET /health/ready`"),
    (names.unknown_codes, "409 `email_taken`"),
]


@pytest.mark.parametrize(("check", "text"), RIGHT)
def test_correct_text_gives_no_complaint(check: Check, text: str) -> None:
    assert list(check(document(text))) == []


DECISION = """# 0003: A title

Accepted, 2026-11. Changed by 0004.

## Context

## Decision

## Consequences

## Alternatives
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("# 0003: ", "# 0004: ", "the title does not begin with 0003"),
        ("Accepted, 2026-11.", "Accepted.", "no status"),
        ("## Alternatives", "## Others", "the sections are not"),
        ("by 0004", f"by {NO_DECISION}", f"there is no ADR {NO_DECISION}"),
    ],
)
def test_a_wrong_decision_is_found(old: str, new: str, complaint: str) -> None:
    def complaints(text: str) -> list[str]:
        decision = document(text, "docs/adr/0003-embedded-postgresql.md")
        return [*decisions.wrong_form(decision), *decisions.unknown_decisions(decision)]

    assert complaints(DECISION) == []
    assert [complaint in line for line in complaints(DECISION.replace(old, new))] == [True]


def test_a_decision_may_not_name_what_no_longer_exists() -> None:
    name = "docs/adr/0003-embedded-postgresql.md"
    assert list(names.missing_paths(document("`app/core/nowhere.py`", name)))
    assert list(names.unknown_commands(document("`linky nothing`", name)))
    assert not list(names.missing_paths(document("`app/core/nowhere.py`", "CHANGELOG.md")))


def test_a_source_file_that_mentions_an_unknown_decision_is_found() -> None:
    assert list(decisions.unknown_in_code("a.py", f"# The reason is in ADR {NO_DECISION}."))
    assert not list(decisions.unknown_in_code("a.py", "# The reason is in ADR 0003."))


def test_a_long_readme_is_found() -> None:
    assert list(names.too_long(document("\n" * (names.MAX_README_LINES + 1), "README.md")))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.3 s", 2.3),
        ("2300ms", 2.3),
        ("10 MiB", 10 * 1024**2),
        ("10,000", 10_000),
        ("7 d", 604_800),
    ],
)
def test_figures_have_units(text: str, value: float) -> None:
    assert figures.quantity(text) == pytest.approx(value)


def test_a_figure_needs_a_known_unit() -> None:
    with pytest.raises(ValueError, match="not a figure"):
        figures.quantity("2 moons")


# The structure


def architecture(old: str, new: str) -> Document:
    """docs/architecture.md with one change."""
    text = read(checks.ARCHITECTURE).text
    assert text.count(old) >= 1
    return document(text.replace(old, new, 1), "docs/architecture.md")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("  record/             connection records\n", "", "lacks app/record/"),
        ("    passwords/        hashing and strength\n", "", "lacks app/core/passwords/"),
        ("  api.py  ", "  apis.py  ", "has app/apis.py"),
    ],
)
def test_a_wrong_map_is_found(old: str, new: str, complaint: str) -> None:
    assert any(complaint in line for line in structure.wrong_map(architecture(old, new)))


def test_a_new_package_must_be_in_the_map() -> None:
    tree = structure.packages() | {"billing/"}
    complaints = list(structure.wrong_map(read(checks.ARCHITECTURE), tree))
    assert complaints == ["docs/architecture.md: the map lacks app/billing/"]


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        (structure.wrong_layers, "> web > jobs >", "> jobs > web >"),
        (structure.wrong_layers, "| schemas | policy", "| policy"),
        (structure.wrong_middleware, "`HeadAsGet`", "`RequestLog`"),
        (structure.wrong_jobs, "`account.erase`", "`account.delete`"),
    ],
)
def test_a_wrong_structure_is_found(check: Check, old: str, new: str) -> None:
    assert list(check(read(checks.ARCHITECTURE))) == []
    assert list(check(architecture(old, new)))


def test_a_missing_process_is_found() -> None:
    text = read(checks.OPERATING).text.replace("`linky-worker.service`", "")
    assert list(structure.wrong_processes(document(text, "docs/operating.md"), "What runs"))


def test_a_missing_command_is_found() -> None:
    text = read(checks.OPERATING).text.replace("| `recount", "| `")
    complaints = list(names.unlisted_commands(document(text, "docs/operating.md"), "Commands"))
    assert complaints == ["docs/operating.md: Commands lacks recount"]


def test_a_listed_file_that_no_feature_has_is_found() -> None:
    text = read(checks.CONTRIBUTING).text.replace("`policy.py`", "`helpers.py`", 1)
    complaints = list(structure.wrong_feature_files(document(text), "Files of a feature"))
    assert [line.rsplit(" ", 1)[1] for line in complaints] == ["policy.py", "helpers.py"]


def test_a_name_that_is_not_in_the_code_is_found() -> None:
    words = frozenset({"UserService", "begin_write"})
    assert list(structure.unknown_names(document("`UserService.begin_write()`"), words)) == []
    for span in ("`UserService.start_write`", "`UsersService`", "`begin_writes`"):
        assert list(structure.unknown_names(document(span), words))


def test_make_help_lists_every_target() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert set(listed) == names.make_targets()
    assert len(listed) == len(set(listed))


# The settings


def test_a_setting_without_a_description_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    words = settings.read_words()
    del words["section"][0]["settings"]["port"]
    with pytest.raises(settings.WordsMissing, match="port"):
        settings.read_sections(words)
    monkeypatch.setattr(settings, "read_words", lambda: words)
    assert list(checks.CHECKS["docs/settings and .env.example are current"]())


def test_a_description_without_a_setting_is_found() -> None:
    words = settings.read_words()
    words["section"][0]["settings"]["nothing"] = {"en": "?", "ja": "?"}
    with pytest.raises(settings.WordsMissing, match="nothing"):
        settings.read_sections(words)


def test_every_setting_is_described_in_both_languages() -> None:
    japanese = read(ROOT / "docs" / "settings.ja.md").text
    english = read(ROOT / "docs" / "settings.md").text
    for text in (english, japanese):
        rows = [row for table in tables(text)[1:] for row in table]
        assert all(all(row) for row in rows)
        assert len(rows) == len(Settings.model_fields)


def test_the_table_of_important_settings_has_ten_rows() -> None:
    assert len(tables(read(ROOT / "docs" / "settings.md").text)[0]) == 10


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
