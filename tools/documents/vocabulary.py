"""Words for which there is a better term. Each fails `make check`.

`docs/glossary.md` decides what users read: its "not" column lists words that no text for users has.
`SUBSTITUTIONS` lists private words with a standard term: no document, docstring or comment has one.
`python -m tools.documents.vocabulary` lists what is found.
"""

import re
import tokenize
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import typer

from tools import ROOT
from tools.documents.markdown import FENCED, SPAN, all_documents, read, tables
from tools.documents.names import is_history
from tools.documents.shown import Passage, files, shown_texts

type Words = list[tuple[re.Pattern[str], str]]
"""What to look for, and the term to use."""

CODE = ("app", "linky_dev", "deploy", "tools", "bench")
GLOSSARY = ROOT / "docs" / "glossary.md"
OPENAPI = ROOT / "openapi.json"
_DESCRIPTION = re.compile(r'"(?:description|summary)": "((?:[^"\\]|\\.)*)"')
SHOWN = "Words that users see"
IN_GUIDES = (
    *("e-mail", "favourite", "blocked word", "second step"),
    *("way to sign in", "ways to sign in"),
)
"""Words of the glossary that a guide does not use either. Others have an ordinary sense there."""

IN_API = (*IN_GUIDES, "mail", "picture", "act", "on hold", "for good", "is told", "are told")
"""Those that the texts of `openapi.json` do not use."""

SUBSTITUTIONS = {
    r"the release before": "the previous release",
    r"by (itself|themselves)": "automatically",
    r"out of sight": "hidden",
    r"(?<!out of )sight": "visibility",
    r"doors?(?!:)": "sign-in method, database access",
    r"mend(s|ed|ing)?": "fix",
    r"stand-ins?": "fake provider",
    r"nudges?|bells?": "signal",
    r"at night": "in the nightly run",
    r"by day": "in CI",
    r"(is|are|was|were|be|been|being|if|not|once) told": "is notified, is published",
    r"told (us|them|apple|line|google)": "notified",
    r"tells? of": "publishes, reports",
    r"untold": "not published",
    r"words of (a|the) (post|comment)": "text of the post",
    r"wholes|with the whole(?! \w)": "all content of an author",
    r"of (the|its|a) reader": "viewer's",
    r"what waits": "pending",
    r"desk": "review queue",
    r"landings?": "merge",
    r"connection records?": "connection log",
    r"who alone|alone (may|can|has|have)": "only",
    r"(?<!there )(is|are) (?-i:none)": "doesn't count, is not one",
    r"nobody but": "only",
    r"in vain": "without effect",
    r"so long,? (its?|the|a|an|he|she|they|of)": "until then",
    r"once and for all": "permanently",
    r"(?-i:(?<=[.:] )Who [a-z]+s)": "If you …, Users who …",
    r"in (the |its )?place of": "instead of",
    r"t(ake|akes|ook) (the|its) place( of)?": "replace",
    r"place-holders?": "placeholder",
    r"empty places?": "placeholder",
    r"places? in the (words|text|list|log|thread)|place among": "placeholder, position",
    r"(wait(s|ed|ing)? for|keeps?) (a|its|the) places?|(gets?|takes?) (a|no) places?": "slot",
    r"(free places?|places? (is|gets) free|places of (its|their) own)": "slot",
}


def private_words() -> Iterator[str]:
    """`PATH:LINE: WORDS -> TERM` for each occurrence."""
    words = [(_pattern(words), term) for words, term in SUBSTITUTIONS.items()]
    yield from _found(words, _texts())


def replaced_words() -> Iterator[str]:
    """The same for words that the glossary replaces. Each fails `make check`."""
    for found in _found([*_glossary_words()], shown_texts()):
        yield f"{found} (docs/glossary.md)"
    for found in _found([*_glossary_words(IN_GUIDES)], _guides()):
        yield f"{found} (docs/glossary.md)"
    for found in _found([*_glossary_words(IN_API)], _api_texts()):
        yield f"{found} (docs/glossary.md)"


def _glossary_words(some: Collection[str] = ()) -> Iterator[tuple[re.Pattern[str], str]]:
    """Each with its plural; only `some`, if any are given."""
    (rows,) = tables(read(GLOSSARY).section(SHOWN))
    for term, _, replaced in rows:
        for words in map(str.strip, replaced.split("、")):
            if words and words.isascii() and (not some or words in some):
                yield _pattern(rf"{re.escape(words)}s?"), term


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


def _found(words: Words, passages: Iterator[Passage]) -> Iterator[str]:
    for name, line, text in passages:
        for pattern, term in words:
            for found in pattern.finditer(text):
                number = line + text.count("\n", 0, found.start())
                yield f"{name}:{number}: {found[0]} -> {term}"


def _documents() -> Iterator[Passage]:
    for document in all_documents():
        if not is_history(document) and not document.name.endswith(".ja.md"):
            yield document.name, 1, document.text


def _guides() -> Iterator[Passage]:
    """The documents without code, each with as many lines as before."""
    for name, line, text in _documents():
        if name != "docs/glossary.md":
            prose = FENCED.sub(lambda block: "\n" * block[0].count("\n"), text)
            yield name, line, SPAN.sub("``", prose)


def _api_texts() -> Iterator[Passage]:
    """The descriptions of the OpenAPI document, each in one line, without code."""
    for number, line in enumerate(OPENAPI.read_text(encoding="utf-8").splitlines(), 1):
        for text in _DESCRIPTION.finditer(line):
            yield "openapi.json", number, SPAN.sub("``", text[1])


def _texts() -> Iterator[Passage]:
    """Each English document, docstring, comment and text for people, without code."""
    yield from _guides()
    yield from shown_texts()
    for path in files(*CODE):
        if path == Path(__file__):
            continue
        if path.suffix == ".py":
            yield from _prose_of(path)
        elif path.suffix in _COMMENT:
            source, name = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
            for comment in _COMMENT[path.suffix].finditer(source):
                yield name, source.count("\n", 0, comment.start()) + 1, comment[0]


_BLOCK = r"/\*.*?\*/"
_COMMENT = {
    ".css": re.compile(_BLOCK, re.DOTALL),
    ".js": re.compile(rf"{_BLOCK}|(?<![:\S])//[^\n]*", re.DOTALL),
    ".html": re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL),
}


def _prose_of(path: Path) -> Iterator[Passage]:
    """Docstrings, comments, and strings of several words such as output, without code spans."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            is_text = token.type in (tokenize.STRING, tokenize.FSTRING_MIDDLE)
            if token.type == tokenize.COMMENT or (is_text and token.string.count(" ") > 1):
                yield str(path.relative_to(ROOT)), token.start[0], SPAN.sub("``", token.string)


def main() -> None:
    found = [*private_words(), *replaced_words()]
    typer.echo("\n".join(found))
    counts = Counter(each.split(": ", 1)[1].lower() for each in found)
    for words, number in counts.most_common():
        typer.echo(f"{number:>6}  {words}", err=True)


if __name__ == "__main__":
    main()
