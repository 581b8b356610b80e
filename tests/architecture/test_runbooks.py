"""Runbook and README say the same in English and in Japanese, as far as a machine can tell."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
RUNBOOKS = ("runbook.md", "runbook.ja.md")
READMES = ("../README.md", "../README.ja.md")
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(^|\s+)# .*")


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def prose_of(name: str) -> str:
    return FENCED.sub("", text_of(name))


def headings(name: str) -> list[tuple[int, str]]:
    """The level and the words of each heading."""
    found = re.findall(r"^(#+) (.+)$", prose_of(name), re.MULTILINE)
    return [(len(marks), words) for marks, words in found]


def sections(name: str) -> list[str]:
    """The text below each heading, code included."""
    whole = text_of(name)
    for block in FENCED.finditer(whole):
        # A comment of a shell script is no heading.
        whole = whole.replace(block[0], block[0].replace("\n#", "\n #"))
    return re.split(r"^#+ .+$", whole, flags=re.MULTILINE)[1:]


def shape(section: str) -> dict[str, object]:
    """What must be the same in both languages: code without its comments, lists, tables, links."""
    prose = FENCED.sub("", section)
    return {
        "code": [
            (language, [COMMENT.sub("", line).rstrip() for line in body.splitlines()])
            for language, body in FENCED.findall(section)
        ],
        "items": re.findall(r"^ *(\d+\.|-) ", prose, re.MULTILINE),
        "rows": len(re.findall(r"^\|", prose, re.MULTILINE)),
        "settings": sorted(set(re.findall(r"LINKY_[A-Z0-9_]*[A-Z0-9]", section))),
    }


def outline(section: str) -> dict[str, object]:
    """The same, where an example may speak the language of its text."""
    return shape(section) | {"code": [language for language, _ in FENCED.findall(section)]}


def anchors(name: str) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    kept = (re.sub(r"[^\w\- ]", "", words.lower()) for _, words in headings(name))
    return {words.replace(" ", "-") for words in kept}


@pytest.mark.parametrize("names", [RUNBOOKS, READMES], ids=["runbook", "readme"])
def test_both_languages_have_the_same_sections_in_the_same_order(names: tuple[str, str]) -> None:
    english, japanese = (headings(name) for name in names)
    pairs = list(zip(english, japanese, strict=False))
    differing = [pair for pair in pairs if pair[0][0] != pair[1][0]]
    assert not differing, differing[0]
    assert len(english) == len(japanese), (english[len(pairs) :], japanese[len(pairs) :])


@pytest.mark.parametrize(
    ("names", "held"), [(RUNBOOKS, shape), (READMES, outline)], ids=["runbook", "readme"]
)
def test_each_section_has_the_same_commands_lists_and_tables_in_both_languages(
    names: tuple[str, str], held: Callable[[str], dict[str, object]]
) -> None:
    english, japanese = (sections(name) for name in names)
    titles = [words for _, words in headings(names[0])]
    for title, one, other in zip(titles, english, japanese, strict=True):
        assert held(one) == held(other), title


@pytest.mark.parametrize(("readme", "runbook"), list(zip(READMES, RUNBOOKS, strict=True)))
def test_a_readme_leads_into_the_runbook_of_its_language(readme: str, runbook: str) -> None:
    linked = re.findall(r"\]\(docs/(runbook[^)#]*)#([^)]+)\)", prose_of(readme))
    assert {name for name, _ in linked} == {runbook}
    assert {anchor for _, anchor in linked} <= anchors(runbook)


@pytest.mark.parametrize("name", RUNBOOKS)
def test_the_links_within_a_runbook_lead_somewhere(name: str) -> None:
    linked = re.findall(r"\]\(#([^)]+)\)", prose_of(name))
    assert linked
    assert set(linked) <= anchors(name)


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_section_is_in_the_contents(name: str) -> None:
    contents = prose_of(name).partition("\n## ")[0]
    for level, words in headings(name):
        anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        assert level != 2 or f"(#{anchor})" in contents, words


@pytest.mark.parametrize("name", [*RUNBOOKS, *READMES])
def test_what_they_link_to_in_the_project_exists(name: str) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", prose_of(name)):
        assert ((DOCS / name).parent / target).exists(), target
