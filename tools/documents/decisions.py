"""The decisions in `docs/adr` have the same form, every decision that is mentioned exists, and the
index `docs/adr/README.md` has each of them once.
"""

import re
from collections.abc import Iterator, Sequence

from tools import ROOT
from tools.documents.markdown import Document, read

FOLDER = "docs/adr/"
SECTIONS = ("Context", "Decision", "Consequences", "Alternatives")
STATUS = re.compile(r"^# .+\n\n(Accepted|Superseded by .+), \d{4}-\d\d\.")
MENTION = re.compile(r"(?:\bADR |\badr/)(\d{4})\b")
SHORT_MENTION = re.compile(r"\b(0[01]\d\d)\b")
"""Within a decision the number alone is enough: `changed by 0041`."""

NAME = re.compile(rf"{FOLDER}(?!0000)\d{{4}}-.+\.md")
ENTRY = re.compile(r"^- \[\d{4}\].*$", re.MULTILINE)
NEVER_USED = "Never used: "


def is_decision(document: Document) -> bool:
    return NAME.fullmatch(document.name) is not None


def all_decisions() -> list[Document]:
    found = [read(path) for path in sorted((ROOT / FOLDER).glob("*.md"))]
    return [document for document in found if is_decision(document)]


def number_of(decision: Document) -> str:
    return decision.path.name[:4]


def status_of(decision: Document) -> str:
    return decision.text.split("\n\n", 2)[1]


def entry_of(decision: Document) -> str:
    """The decision's line in the index. Its status names the later decisions that changed it."""
    number, (_, words) = number_of(decision), decision.headings[0]
    status = status_of(decision)
    later = [each for each in sorted(set(SHORT_MENTION.findall(status))) if each > number]
    how = "superseded" if status.startswith("Superseded") else "changed"
    note = f" ({how} by {', '.join(later)})" if later else ""
    return f"- [{number}]({decision.path.name}) {words.partition(': ')[2]}{note}"


def wrong_index(index: Document, decisions: Sequence[Document]) -> Iterator[str]:
    """The index has the line of each decision once, and names the numbers that were never used."""
    entries, expected = ENTRY.findall(index.text), {entry_of(each) for each in decisions}
    for entry in sorted(expected):
        if entries.count(entry) != 1:
            yield f"{index.name}: this line must stand below one subject: {entry}"
    for entry in sorted(set(entries) - expected):
        yield f"{index.name}: no decision has this line: {entry}"
    used = {int(number_of(each)) for each in decisions}
    unused = ", ".join(f"{each:04}" for each in range(1, max(used)) if each not in used)
    if f"\n{NEVER_USED}{unused}.\n" not in index.text:
        yield f"{index.name}: this line is missing: {NEVER_USED}{unused}."


def one_sided_changes(decisions: Sequence[Document]) -> Iterator[str]:
    """Where a status names an earlier decision, the status of that one names this one."""
    statuses = {number_of(each): status_of(each) for each in decisions}
    for number, status in statuses.items():
        for other in SHORT_MENTION.findall(status):
            if number > other in statuses and number not in statuses[other]:
                yield f"ADR {other}: its status does not say that {number} changes it"


def wrong_form(document: Document) -> Iterator[str]:
    """A decision has the number of its file, a status with its month, and the four sections."""
    if not is_decision(document):
        return
    number = number_of(document)
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
