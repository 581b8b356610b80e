"""What mkdocs asks: which files a language has, and the text of each page."""

import os
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Section

from tools import ROOT
from tools.documents.markdown import anchor_of
from tools.site.pages import DOCS, LANGUAGE, language_of, urls, with_links

_DECISIONS = "adr/"


def _on_config(config: Any) -> None:
    """Anchors are those that GitHub makes: the documents' links name them."""
    config.mdx_configs["toc"]["slugify"] = lambda words, _: anchor_of(words)
    config.theme["language"] = _language()


def _language() -> str:
    return os.environ.get(LANGUAGE, "en")


def _on_files(files: Files, config: Any) -> Files:
    """The documents of the language, and the README as the first page."""
    prefix = "" if _language() == "en" else f"{_language()}/"
    found = [file for file in files if not file.is_documentation_page()]
    for path, url in urls().items():
        if language_of(path) != _language():
            continue
        page = url.removeprefix(prefix)
        folder, name = (DOCS, path.relative_to(DOCS)) if path.is_relative_to(DOCS) else (ROOT, path)
        file = File(
            str(name if folder == DOCS else path.name),
            str(folder),
            config.site_dir,
            use_directory_urls=True,
            dest_uri=f"{page}index.html",
        )
        found.append(file)
    return Files(found)


def _on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    source = Path(page.file.abs_src_path)
    return with_links(markdown, source, urls()[source])


def _on_nav(nav: Navigation, config: Any, files: Files) -> Navigation:
    """The documents by their titles, and the decisions in a group of their own."""
    documents: list[Any] = []
    decisions: list[Any] = []
    for page in nav.pages:
        is_decision = page.file.src_uri.startswith(_DECISIONS)
        (decisions if is_decision else documents).append(page)
    documents.sort(key=lambda page: not page.file.src_uri.startswith("README"))
    nav.items = documents
    if decisions:
        section = Section("Decisions", decisions)
        for page in decisions:
            page.parent = section
        nav.items.append(section)
    return nav
