"""Documents in English and Japanese agree, as far as a program can check."""

import re
from collections.abc import Callable, Iterator

from tools import ROOT
from tools.documents.markdown import FENCED, Document, anchor_of, read

COMMENT = re.compile(r"(^|\s+)# .*")

type Shape = dict[str, object]


def pairs() -> list[tuple[Document, Document]]:
    """English and Japanese."""
    japanese = sorted([*ROOT.glob("*.ja.md"), *ROOT.glob("docs/*.ja.md")])
    return [
        (read(path.with_name(path.name.replace(".ja.md", ".md"))), read(path)) for path in japanese
    ]


def shape(section: str) -> Shape:
    """What both languages share: code without its comments, lists, tables, settings."""
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


def outline(section: str) -> Shape:
    """Like `shape`, but code may differ: an example may be in the language of its text."""
    return shape(section) | {"code": [language for language, _ in FENCED.findall(section)]}


def shape_for(document: Document) -> Callable[[str], Shape]:
    """Commands of operators are the same to the letter; examples for clients are translated."""
    is_for_operators = "runbook" in document.name or "operating" in document.name
    return shape if is_for_operators else outline


def differences(english: Document, japanese: Document) -> Iterator[str]:
    """Both have the same headings, and below each the same code, lists, tables and settings."""
    levels = [[level for level, _ in document.headings] for document in (english, japanese)]
    if levels[0] != levels[1]:
        yield f"{japanese.name} has other headings than {english.name}"
        return
    shape_of = shape_for(english)
    for (_, title), text, translation in zip(
        english.headings, english.sections, japanese.sections, strict=True
    ):
        expected, actual = shape_of(text), shape_of(translation)
        for part in expected:
            if expected[part] != actual[part]:
                yield f"{japanese.name}: {part} differ from {english.name} under {title!r}"


def unlisted_sections(document: Document) -> Iterator[str]:
    """A document that begins with a list of its sections lists them all."""
    contents = document.prose.partition("\n## ")[0]
    if "](#" not in contents:
        return
    for level, words in document.headings:
        if level == 2 and f"(#{anchor_of(words)})" not in contents:
            yield f"{document.name}: {words!r} is not in the list at its head"


def wrong_language(english: Document, japanese: Document) -> Iterator[str]:
    """A document links to the other documents in its own language, where they exist."""
    for document, other in ((english, japanese), (japanese, english)):
        for link in document.links:
            target = link.partition("#")[0]
            if not target or not target.endswith(".md") or _is(document, target, other):
                continue
            twin = _twin(target, to_japanese=document is japanese)
            if twin != target and (document.path.parent / twin).exists():
                yield f"{document.name}: {link} leads into the other language"


def _is(document: Document, target: str, other: Document) -> bool:
    return (document.path.parent / target).resolve() == other.path


def _twin(target: str, *, to_japanese: bool) -> str:
    if to_japanese:
        return target if target.endswith(".ja.md") else target.removesuffix(".md") + ".ja.md"
    return target.replace(".ja.md", ".md")
