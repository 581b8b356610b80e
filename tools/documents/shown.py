"""The English texts that people see: each stands beside its Japanese, in code and templates.

So a text is found by its neighbour, in a call, a tuple or a list, whatever takes the two.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, nodes

from tools import ROOT

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_STRING = r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`"
_BESIDE = re.compile(rf"(?:{_STRING})\s*[,:]\s*(?:{_STRING})")
_COMMUNITY = "linky_dev/seed/"
"""What the users of the demo community write is in Japanese, without a translation."""

type Passage = tuple[str, int, str]
"""Path, line and text."""


def shown_texts() -> Iterator[Passage]:
    readers = {".py": of_python, ".html": of_template, ".txt": of_template, ".js": of_script}
    for path in files("app", "linky_dev"):
        if path.suffix in readers and not str(path.relative_to(ROOT)).startswith(_COMMUNITY):
            for line, text in readers[path.suffix](path.read_text(encoding="utf-8")):
                yield str(path.relative_to(ROOT)), line, text


def files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in (ROOT / folder).rglob("*.*") if path.is_file())


def of_python(source: str) -> Iterator[tuple[int, str]]:
    def texts(node: ast.AST) -> list[str]:
        return [
            each.value
            for each in ast.walk(node)
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]

    for node in ast.walk(ast.parse(source)):
        parts: Sequence[ast.expr] = ()
        if isinstance(node, ast.Call):
            parts = node.args
        elif isinstance(node, ast.Tuple | ast.List):
            parts = node.elts
        for japanese, english in pairwise(parts):
            yield from _pair(english.lineno, texts(japanese), texts(english))


def of_template(source: str) -> Iterator[tuple[int, str]]:
    def texts(node: nodes.Node) -> list[str]:
        found = [node, *node.find_all(nodes.Const)]
        return [str(each.value) for each in found if isinstance(each, nodes.Const)]

    for node in (
        Environment(autoescape=True).parse(source).find_all((nodes.Call, nodes.Tuple, nodes.List))
    ):
        parts = node.args if isinstance(node, nodes.Call) else getattr(node, "items", [])
        for japanese, english in pairwise(parts):
            yield from _pair(english.lineno, texts(japanese), texts(english))


def of_script(source: str) -> Iterator[tuple[int, str]]:
    for pair in _BESIDE.finditer(source):
        texts = [text or "" for text in pair.groups()]
        line = source.count("\n", 0, pair.end()) + 1
        yield from _pair(line, texts[:3], texts[3:])


def _pair(line: int, japanese: list[str], english: list[str]) -> Iterator[tuple[int, str]]:
    if any(map(JAPANESE.search, japanese)):
        yield from ((line, text) for text in english if text and not JAPANESE.search(text))
