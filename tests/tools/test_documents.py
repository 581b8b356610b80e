"""The checks of the text of documents find mistakes; `make check` runs them on ours."""

import pytest

from app.core.config import Settings
from tests.tools.documents import Check, document
from tools import ROOT, settings
from tools.documents import checks, decisions, figures, languages, names
from tools.documents.markdown import Document, read, tables

NO_DECISION = "0199"


def test_every_document_for_users_and_operators_exists_in_both_languages() -> None:
    names = (
        *("clients", "instead-of", "moving", "one-server", "operating", "reliability"),
        *("runbook", "scaling", "settings", "stability"),
    )
    docs = [f"docs/{name}.md" for name in names]
    assert [english.name for english, _ in languages.pairs()] == ["README.md", *docs]


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
    (decisions.unknown_decisions, "ADR 0003, `docs/adr/0003-embedded-postgresql.md`, in 0199"),
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


INDEX = """# Decisions

- [0001](0001-one.md) one (superseded by 0003)
- [0003](0003-three.md) three

Never used: 0002.
"""


def decision(name: str, status: str) -> Document:
    title = f"{name[:4]}: {name[5:]}"
    return document(f"# {title}\n\n{status}\n\n## Context\n", f"docs/adr/{name}.md")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("- [0003](0003-three.md) three\n", "", "this line must stand below one subject"),
        ("three\n", "three\n- [0003](0003-three.md) three\n", "below one subject"),
        ("three\n", "three\n- [0004](0004-four.md) four\n", "no decision has this line"),
        (" (superseded by 0003)", "", "one (superseded by 0003)"),
        ("0002.", "0002, 0004.", "this line is missing: Never used: 0002."),
    ],
)
def test_a_wrong_index_of_decisions_is_found(old: str, new: str, complaint: str) -> None:
    found = [
        decision("0001-one", "Superseded by 0003, 2026-12."),
        decision("0003-three", "Accepted, 2026-12. It replaces 0001."),
    ]

    def complaints(text: str) -> list[str]:
        return list(decisions.wrong_index(document(text, "docs/adr/README.md"), found))

    assert complaints(INDEX) == []
    assert any(complaint in line for line in complaints(INDEX.replace(old, new)))


def test_a_decision_says_which_one_changed_it() -> None:
    later = decision("0003-three", "Accepted, 2026-12. It changes 0001.")
    silent = decision("0001-one", "Accepted, 2026-11.")
    (complaint,) = decisions.one_sided_changes([silent, later])
    assert "0001" in complaint
    told = decision("0001-one", "Accepted, 2026-11. Changed by 0003.")
    assert not list(decisions.one_sided_changes([told, later]))


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


def test_the_values_of_the_example_are_the_defaults() -> None:
    copied = Settings(_env_file=ROOT / ".env.example")  # type: ignore[call-arg]
    assert copied == Settings(_env_file=None)  # type: ignore[call-arg]
