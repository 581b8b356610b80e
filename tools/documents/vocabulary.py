"""Private words for which engineers have a common term. They are counted, and fail nothing.

`python -m tools.documents.vocabulary` lists them, in documents, docstrings and comments.
"""

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import typer

from tools import ROOT
from tools.documents.markdown import all_documents
from tools.documents.names import is_history

SUBSTITUTIONS = {
    r"the release before": "the previous release",
    r"by itself": "automatically",
    r"out of sight": "hidden",
    r"(?<!out of )sight": "visibility",
    r"doors?": "sign-in method, database access",
    r"mend(s|ed|ing)?": "fix",
    r"stand-ins?": "fake provider",
    r"nudges?|bells?": "signal",
    r"at night": "in the nightly run",
    r"by day": "in CI",
    r"(is|are) told": "is notified, is published",
    r"untold": "not published",
    r"words of (a|the) (post|comment)": "text of the post",
    r"wholes|with the whole": "all content of an author",
    r"of (the|its|a) reader": "viewer's",
    r"second step": "two-factor authentication",
    r"(what|that) waits": "pending",
    r"desk": "review queue",
    r"landings?": "merge",
    r"connection records?": "connection log",
    r"alone": "only",
    r"(?<!there )(is|are) none": "doesn't count, is not one",
    r"nobody but": "only",
    r"in vain": "without effect",
    r"so long,? (its?|the|a|an|he|she|they|of)": "until then",
    r"once and for all": "permanently",
    r"(?-i:(?<=[.:] )Who [a-z]+s)": "If you …, Users who …",
}
_PRIVATE = [
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), term) for words, term in SUBSTITUTIONS.items()
]


def private_words() -> Iterator[str]:
    """`PATH:LINE: WORDS -> TERM` for each place."""
    for name, line, text in _texts():
        for words, term in _PRIVATE:
            for found in words.finditer(text):
                number = line + text.count("\n", 0, found.start())
                yield f"{name}:{number}: {found[0]} -> {term}"


def _texts() -> Iterator[tuple[str, int, str]]:
    """Path, first line and text of each English document, docstring and comment."""
    for document in all_documents():
        if not is_history(document) and not document.name.endswith(".ja.md"):
            yield document.name, 1, document.text
    for folder in ("app", "linky_dev"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from _prose_of(path)


def _prose_of(path: Path) -> Iterator[tuple[str, int, str]]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            is_comment = token.type == tokenize.COMMENT
            if is_comment or (token.type == tokenize.STRING and token.string.startswith('"""')):
                yield str(path.relative_to(ROOT)), token.start[0], token.string


if __name__ == "__main__":
    typer.echo("\n".join(private_words()))
