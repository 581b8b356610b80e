"""`make site`: builds dist/site, and follows each link within it.

Links to other sites are followed at night: `python -m tools.site --outside`.
"""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import typer

from tools import ROOT
from tools.site.pages import LANGUAGE, LANGUAGES, REPOSITORY

SITE = ROOT / "dist" / "site"
CONFIG = Path(__file__).parent / "mkdocs.yml"
SECONDS = 20


class _Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name in ("href", "src"):
                self.links.append(value)
            elif value and name == "id":
                self.anchors.add(value)


def build() -> None:
    """Raises CalledProcessError."""
    shutil.rmtree(SITE, ignore_errors=True)
    for language in LANGUAGES:
        folder = SITE if language == "en" else SITE / language
        subprocess.run(  # noqa: S603 - mkdocs of this environment.
            [sys.executable, "-m", "mkdocs", "build", "--quiet", "-f", CONFIG, "-d", folder],
            cwd=ROOT,
            env={
                **os.environ,
                LANGUAGE: language,
                "PYTHONPATH": str(ROOT),
                "NO_MKDOCS_2_WARNING": "1",
            },
            check=True,
        )


def pages() -> dict[Path, _Page]:
    return {path: _Page(path) for path in SITE.rglob("*.html")}


def broken(found: dict[Path, _Page]) -> Iterator[str]:
    """A line for each link that leads to no page, or to no heading of it."""
    for page in found.values():
        for link in page.links:
            if link.startswith(("http://", "https://", "mailto:", "data:", "javascript:")):
                continue
            place, anchor = urldefrag(unquote(link))
            # The page "not found" has addresses from the root.
            base = SITE if place.startswith("/") else page.path.parent
            target = (base / place.lstrip("/")).resolve() if place else page.path
            target = target / "index.html" if target.is_dir() else target
            name = page.path.relative_to(SITE)
            if not target.exists():
                yield f"{name}: {link} leads nowhere"
            elif anchor and target in found and anchor not in found[target].anchors:
                yield f"{name}: {link}: there is no such heading"


def unreachable(found: dict[Path, _Page]) -> Iterator[str]:
    """The addresses of other sites that answer with an error, or not at all."""
    links = {urldefrag(link)[0] for page in found.values() for link in page.links}
    for link in sorted(link for link in links if link.startswith("https://")):
        if link.startswith(REPOSITORY):
            continue
        request = urllib.request.Request(link, headers={"User-Agent": "Linky's documents"})  # noqa: S310
        try:
            urllib.request.urlopen(request, timeout=SECONDS).close()  # noqa: S310 - https alone.
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                yield f"{link}: {error.code}"
        except OSError as error:
            yield f"{link}: {error}"


def main(arguments: Sequence[str]) -> int:
    build()
    found = pages()
    complaints = [*broken(found), *(unreachable(found) if "--outside" in arguments else ())]
    for line in complaints:
        typer.echo(f"FAILED: {line}", err=True)
    typer.echo(f"{len(found)} pages in {SITE.relative_to(ROOT)}, {len(complaints)} broken links")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
