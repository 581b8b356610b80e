"""The checks of the text of documents find mistakes; `make check` runs them on ours."""

import pytest

from app.core.settings.config import Settings
from tests.tools.documents import Check, document
from tools import ROOT, settings
from tools.documents import figures, names, shown, vocabulary
from tools.documents.markdown import read, tables

WRONG: list[tuple[Check, str]] = [
    (names.broken_links, "[a](nowhere.md)"),
    (names.broken_links, "[a](#nowhere)"),
    (names.broken_links, "[a](../README.md#nowhere)"),
    (names.missing_paths, "See `app/core/nowhere.py`."),
    (names.missing_paths, "See `core/nowhere.py`."),
    (names.missing_paths, "See `deploy/nowhere`."),
    (names.missing_paths, "See `nowhere.html`."),
    (names.missing_paths, "See `static/nowhere.js`."),
    (names.missing_documents, "See docs/nowhere.md."),
    (names.missing_documents, "See ADR 0001."),
    (names.missing_members, "See `Database.nowhere`."),
    (names.missing_members, "See `Writing.nowhere`."),
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
    (names.broken_links, "[a](operations.md#doctor), [b](https://example.com/nowhere)"),
    (
        names.missing_paths,
        "`app/FEATURE/router.py`, `core/errors.py`, `text/plain`, `a/b`",
    ),
    (names.missing_paths, "`compose.yaml`, `static/console.js`, `app/FEATURE/router.py`"),
    (names.missing_documents, "See docs/operations.md, or ../docs/nowhere.md"),
    (
        names.missing_members,
        "`Database.first`, `Writing.first`, `AppError.status`, `Iterable.next`",
    ),
    (names.unknown_settings, "`LINKY_PORT`"),
    (names.unknown_targets, "`make run`; make sure of it"),
    (names.unknown_commands, "`linky jobs list`, `linky records ID`, `linky-api`"),
    (names.unknown_calls, "`GET /posts/{id}`, `GET /api/v1/meta`, `GET /health/ready`"),
    (names.unknown_codes, "409 `email_taken`"),
]


@pytest.mark.parametrize(("check", "text"), RIGHT)
def test_correct_text_gives_no_complaint(check: Check, text: str) -> None:
    assert list(check(document(text))) == []


def test_the_table_of_jobs_has_each_job_and_no_others() -> None:
    text = read(ROOT / "docs" / "architecture.md").text.replace("`account.erase`", "`account.eras`")
    assert list(names.wrong_jobs(document(text, "docs/architecture.md"), "Jobs")) == [
        "docs/architecture.md: the table of Jobs lacks `account.erase`",
        "docs/architecture.md: the table of Jobs has `account.eras`, which is no job",
    ]


def test_a_decision_may_not_name_what_no_longer_exists() -> None:
    name = "docs/adr/0003-embedded-postgresql.md"
    assert list(names.missing_paths(document("`app/core/nowhere.py`", name)))
    assert list(names.unknown_commands(document("`linky nothing`", name)))
    assert not list(names.missing_paths(document("`app/core/nowhere.py`", "CHANGELOG.md")))


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
    monkeypatch.setattr(Settings.model_fields["port"], "description", None)
    with pytest.raises(ValueError, match=r"port in .* needs a docstring"):
        settings.rendered()


def test_every_setting_is_on_the_page() -> None:
    _, *lists = tables(read(ROOT / "docs" / "settings.md").text)
    rows = [row for table in lists for row in table]
    assert [row[0] for row in rows] == [f"`LINKY_{n.upper()}`" for n in Settings.model_fields]


def test_the_values_of_the_example_are_the_defaults() -> None:
    copied = Settings(_env_file=ROOT / ".env.example")  # type: ignore[call-arg]
    assert copied == Settings(_env_file=None)  # type: ignore[call-arg]


# The vocabulary


def test_private_words_are_found_with_their_term(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "A door.\n\nIt mends\nitself, out of sight. Who leaves is told. There is none."
    monkeypatch.setattr(vocabulary, "_texts", lambda: [("docs/a.md", 10, text)])
    assert sorted(vocabulary.private_words()) == [
        "docs/a.md:10: door -> sign-in method, database access",
        "docs/a.md:12: mends -> fix",
        "docs/a.md:13: Who leaves -> If you …, Users who …",
        "docs/a.md:13: is told -> is notified, is published",
        "docs/a.md:13: out of sight -> hidden",
    ]


def test_a_text_is_shown_if_its_japanese_stands_before_it() -> None:
    python = 'x = Text("題", "A " "title"); y = f("a", "b"); z = [("題", f"Of {x}")]'
    template = "{{ t('題' ~ name, 'Of ' ~ name) }}\n{% set all = {'a': t('題', 'A title')} %}"
    script = 'const T = {\n  a: ["題", "A title"], b: x ? "題" : "Of",\n};'
    assert [*shown.of_python(python)] == [(1, "A title"), (1, "Of ")]
    assert [*shown.of_template(template)] == [(1, "Of "), (2, "A title")]
    assert [*shown.of_script(script)] == [(2, "A title"), (2, "Of")]


def test_a_word_that_the_glossary_replaces_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [("linky_dev/a.py", 7, "Mails are sent by itself."), ("linky_dev/b.js", 8, "Mailboxes")]
    monkeypatch.setattr(vocabulary, "shown_texts", lambda: texts)
    monkeypatch.setattr(vocabulary, "_documents", lambda: [("docs/a.md", 1, "`e-mail`, E-mails")])
    assert [*vocabulary.replaced_words()] == [
        "linky_dev/a.py:7: Mails -> email (docs/glossary.md)",
        "linky_dev/a.py:7: by itself -> automatically (docs/glossary.md)",
        "docs/a.md:1: E-mails -> email (docs/glossary.md)",
    ]
