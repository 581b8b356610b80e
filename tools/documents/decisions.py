"""The decisions in `docs/adr` have the same form, and every decision that is mentioned exists."""

import re
from collections.abc import Iterator

from tools import ROOT
from tools.documents.markdown import Document

FOLDER = "docs/adr/"
SECTIONS = ("Context", "Decision", "Consequences", "Alternatives")
STATUS = re.compile(r"^# .+\n\n(Accepted|Superseded by .+), \d{4}-\d\d\.")
MENTION = re.compile(r"(?:\bADR |\badr/)(\d{4})\b")
SHORT_MENTION = re.compile(r"\b(0[01]\d\d)\b")
"""Within a decision the number alone is enough: `changed by 0041`."""


def is_decision(document: Document) -> bool:
    return document.name.startswith(FOLDER) and not document.name.endswith("0000-template.md")


def wrong_form(document: Document) -> Iterator[str]:
    """A decision has the number of its file, a status with its month, and the four sections."""
    if not is_decision(document):
        return
    number = document.path.name.partition("-")[0]
    titles = [words for _, words in document.headings]
    if not titles[0].startswith(f"{number}: "):
        yield f"{document.name}: the title does not begin with {number}"
    if STATUS.match(document.text) is None:
        yield f"{document.name}: no status such as `Accepted, 2026-11.` below the title"
    if [title for title in titles if title in SECTIONS] != list(SECTIONS):
        yield f"{document.name}: the sections are not {', '.join(SECTIONS)}"


def unknown_decisions(document: Document) -> Iterator[str]:
    """A decision that a document mentions exists."""
    pattern = SHORT_MENTION if is_decision(document) else MENTION
    yield from _unknown(document.name, set(pattern.findall(document.text)))


def unknown_in_code(name: str, text: str) -> Iterator[str]:
    """A decision that a source file mentions exists."""
    yield from _unknown(name, set(MENTION.findall(text)))


def _unknown(name: str, mentioned: set[str]) -> Iterator[str]:
    known = {path.name[:4] for path in (ROOT / FOLDER).glob("*.md")}
    for number in sorted(mentioned - known):
        yield f"{name}: there is no ADR {number}"
