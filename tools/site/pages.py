"""Which document becomes which page, and where its links lead then."""

import os
import re
from functools import cache
from pathlib import Path

from tools import ROOT

DOCS = ROOT / "docs"
LANGUAGES = ("en", "ja")
LANGUAGE = "SITE_LANGUAGE"
SECTIONS = (
    (
        {"en": "Build an app", "ja": "アプリを作る"},
        ("docs/flutter.md", "docs/http.md", "docs/instead-of.md"),
    ),
    (
        {"en": "Run it", "ja": "動かす"},
        (
            *("docs/one-server.md", "docs/operations.md", "docs/aws.md", "docs/containers.md"),
            *("docs/services.md", "docs/scaling.md", "docs/moving.md", "docs/reference.md"),
            *("docs/settings.md", "docs/reliability.md", "docs/stability.md"),
        ),
    ),
    (
        {"en": "Change it", "ja": "変更する"},
        (
            *("CONTRIBUTING.md", "docs/architecture.md", "docs/changing.md", "docs/glossary.md"),
            *("docs/testing.md", "docs/limits.md", "docs/security.md", "docs/performance.md"),
        ),
    ),
)
"""The navigation after the README. The decisions follow in the last section."""

DECISIONS = DOCS / "adr"
UNLISTED = ("docs/licences.md", "docs/memo.md", "docs/changes/")
"""On the site, where links lead to them, and not in the navigation."""

REPOSITORY = os.environ.get("SITE_REPOSITORY", "https://github.com/YOU/linky")
"""Where links to code lead."""

_FENCED = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def language_of(path: Path) -> str:
    return "ja" if path.name.endswith(".ja.md") else "en"


@cache
def urls() -> dict[Path, str]:
    """The page of each document, from the root of the site. The README is the first page."""
    found = {
        ROOT / "README.md": "",
        ROOT / "README.ja.md": "ja/",
        ROOT / "CONTRIBUTING.md": "contributing/",
    }
    for path in sorted(DOCS.rglob("*.md")):
        name = str(path.relative_to(DOCS)).removesuffix(".md").removesuffix(".ja")
        name = name.removesuffix("README")
        page = f"{name.rstrip('/')}/" if name else "decisions/"
        found[path] = ("ja/" if language_of(path) == "ja" else "") + page
    return found


def name_of(path: Path) -> str:
    """The name of a document in SECTIONS: that of its English version."""
    return str(path.relative_to(ROOT)).replace(".ja.md", ".md")


def ensure_listed() -> None:
    """Raises ValueError if a document is neither in a section nor left out on purpose."""
    listed = {name for _, names in SECTIONS for name in names} | {"README.md"}
    for path in urls():
        name = name_of(path)
        if not (path.is_relative_to(DECISIONS) or name in listed or name.startswith(UNLISTED)):
            raise ValueError(f"{name} is in no section: add it to SECTIONS in tools/site/pages.py")


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
    return f"{mark}[{words}]({target_of(target, source, page)})"


def target_of(target: str, source: Path, page: str) -> str:
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
