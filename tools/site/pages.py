"""Which document becomes which page, and where its links lead then."""

import os
import re
from functools import cache
from pathlib import Path

from tools import ROOT

DOCS = ROOT / "docs"
LANGUAGES = ("en", "ja")
LANGUAGE = "SITE_LANGUAGE"
REPOSITORY = os.environ.get("SITE_REPOSITORY", "https://github.com/YOU/linky")
"""Where links to code lead."""

_FENCED = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def language_of(path: Path) -> str:
    return "ja" if path.name.endswith(".ja.md") else "en"


@cache
def urls() -> dict[Path, str]:
    """The page of each document, from the root of the site. The README is the first page."""
    found = {ROOT / "README.md": "", ROOT / "README.ja.md": "ja/"}
    for path in DOCS.rglob("*.md"):
        name = str(path.relative_to(DOCS)).removesuffix(".md").removesuffix(".ja")
        name = name.removesuffix("README")
        page = f"{name.rstrip('/')}/" if name else "decisions/"
        found[path] = ("ja/" if language_of(path) == "ja" else "") + page
    return found


def with_links(text: str, source: Path, page: str) -> str:
    """The text of a document, with links as they are on its page."""
    parts = _FENCED.split(text)
    return "".join(
        part if number % 2 else _LINK.sub(lambda link: _linked(link, source, page), part)
        for number, part in enumerate(parts)
    )


def _linked(link: re.Match[str], source: Path, page: str) -> str:
    mark, words, target = link.groups()
    # A picture may be the words of a link.
    words = _LINK.sub(lambda inner: _linked(inner, source, page), words)
    return f"{mark}[{words}]({_target_of(target, source, page)})"


def _target_of(target: str, source: Path, page: str) -> str:
    """Where a link of a document leads from its page."""
    if re.match(r"https?:|mailto:|#", target):
        return target
    path, _, anchor = target.partition("#")
    file = (source.parent / path).resolve()
    anchor = f"#{anchor}" if anchor else ""
    if file in urls():
        return os.path.relpath(urls()[file] or ".", page or ".") + "/" + anchor
    if file.is_relative_to(DOCS) and file.is_file():
        return os.path.relpath(file.relative_to(DOCS), page or ".")
    kind = "tree" if file.is_dir() else "blob"
    return f"{REPOSITORY}/{kind}/main/{file.relative_to(ROOT)}{anchor}"
