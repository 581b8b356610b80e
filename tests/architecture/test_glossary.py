"""What a person reads calls a thing by the one word that `docs/glossary.md` has for it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.architecture.source import APP, ROOT

DEV = ROOT / "linky_dev"
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
NOT_WORDS_OF_OURS = (
    *("user/nicknames", "core/passwords", "core/schemas.py", "core/spelling.py"),
    *("web/document", "seed", "stand_ins"),
)
"""Where the Japanese is what users write, as examples, or names that they may not take."""


class Row(NamedTuple):
    """A thing's words, and those that are not to be used for it."""

    right: list[str]
    wrong: list[str]


def table() -> list[Row]:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    part = text.partition("## Words that users see")[2].partition("\n## ")[0]
    cells = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
    return [Row(words_of(japanese), words_of(wrong)) for _, japanese, wrong in cells[2:]]


def words_of(cell: str) -> list[str]:
    return [word.strip("`") for word in cell.strip().split("、")]


def texts() -> Iterator[tuple[str, str]]:
    """Every text that a person reads, with the file that it stands in."""
    for folder in (APP, DEV):
        for path in sorted(folder.rglob("*")):
            where = path.relative_to(ROOT).as_posix()
            if any(f"/{part}" in where for part in NOT_WORDS_OF_OURS):
                continue
            yield from ((where, text) for text in texts_of(path))


def texts_of(path: Path) -> Iterator[str]:
    if path.suffix == ".py":
        yield from python_texts(ast.parse(path.read_text(encoding="utf-8")))
    elif path.suffix in (".html", ".txt", ".js") and "htmx" not in path.parts:
        yield from path.read_text(encoding="utf-8").splitlines()


def python_texts(tree: ast.AST) -> Iterator[str]:
    """What stands in Japanese, or in either language among `Words` or the arguments of `t`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Words", "t"):
            yield from (text for arg in node.args for text in constants(arg))
    yield from (text for text in constants(tree) if JAPANESE.search(text))


def constants(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def without(right: list[str], wrong: list[str], text: str) -> str:
    """The text without its right words: 停止 is wrong alone, and right in 利用停止."""
    for word in right:
        if not any(word in each for each in wrong):
            text = text.replace(word, "\0")
    return text


def holds(text: str, word: str) -> bool:
    return bool(re.search(rf"\b{word}\b", text)) if word.isascii() else word in text


def test_each_text_uses_the_words_of_the_glossary() -> None:
    rows, found = table(), set()
    assert len(rows) > 20
    for where, text in texts():
        for right, wrong in rows:
            rest = without(right, wrong, text)
            found |= {(where, word, text.strip()[:120]) for word in wrong if holds(rest, word)}
    assert found == set()


def test_the_table_is_read_and_mail_pages_and_scripts_are_looked_at() -> None:
    assert Row(["さん"], [" さん"]) in table()
    assert Row(["利用停止"], ["停止"]) in table()
    looked_at = {where for where, _ in texts()}
    assert looked_at >= {
        "app/console/templates/base.html", "app/sanction/texts.py", "linky_dev/client/words.js",
        "app/integrations/mail/templates/suspended.ja.txt", "linky_dev/texts.py",
    }  # fmt: skip
