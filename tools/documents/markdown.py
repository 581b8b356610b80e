"""Markdown as the checks need it: prose, code, headings, anchors, links and tables."""

import ast
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools import ROOT

FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
CELL_BREAK = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Document:
    path: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def prose(self) -> str:
        """The text without its code blocks."""
        return FENCED.sub("", self.text)

    @cached_property
    def blocks(self) -> list[tuple[str, str]]:
        """Language and text of each."""
        return FENCED.findall(self.text)

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        return [(len(marks), words) for marks, words in HEADING.findall(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """The anchors that GitHub makes of the headings."""
        return {anchor_of(words) for _, words in self.headings}

    @property
    def links(self) -> list[str]:
        """The targets of links within the project."""
        return LINK.findall(self.prose)

    @property
    def spans(self) -> list[str]:
        """The code between backticks in the prose."""
        return SPAN.findall(self.prose)

    @cached_property
    def sections(self) -> list[str]:
        """The text below each heading, code included."""
        # A comment of a shell script is not a heading.
        text = FENCED.sub(lambda block: block[0].replace("\n#", "\n #"), self.text)
        return re.split(r"^#+ .+$", text, flags=re.MULTILINE)[1:]

    def section(self, title: str) -> str:
        """The text below a heading. Raises KeyError if there is no such heading."""
        for (_, words), text in zip(self.headings, self.sections, strict=True):
            if words == title:
                return text
        raise KeyError(f"{self.name} has no section {title!r}")


def read(path: Path) -> Document:
    return Document(path, path.read_text(encoding="utf-8"))


def all_documents() -> list[Document]:
    return [read(path) for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])]


def all_docstrings() -> list[Document]:
    """The docstrings and comments of each file of our code, as a document."""
    paths = [*(ROOT / "app").rglob("*.py"), *(ROOT / "linky_dev").rglob("*.py")]
    return [Document(path, "\n".join(_remarks(path))) for path in sorted(paths)]


def _remarks(path: Path) -> Iterator[str]:
    with tokenize.open(path) as source:
        for node in ast.walk(ast.parse(source.read())):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                yield str(node.value.value)
        source.seek(0)
        for token in tokenize.generate_tokens(source.readline):
            if token.type == tokenize.COMMENT:
                yield token.string


def anchor_of(words: str) -> str:
    """The anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")


def tables(text: str) -> list[list[list[str]]]:
    """The tables in a text: rows of cells, without the head and the line below it."""
    found: list[list[list[str]]] = []
    is_inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            is_inside = False
            continue
        if not is_inside:
            found.append([])
            is_inside = True
        found[-1].append([cell.strip() for cell in CELL_BREAK.split(line)[1:-1]])
    return [rows[2:] for rows in found]


def spans_of(cell: str) -> list[str]:
    return SPAN.findall(cell)
