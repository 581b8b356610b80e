"""What mkdocs calls: the files of a language, the text of each page, the navigation."""

import os
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Section

from app.core.settings.accent import OURS, Shade
from tools import ROOT
from tools.documents.markdown import anchor_of
from tools.site.pages import (
    DECISIONS,
    DOCS,
    LANGUAGE,
    SECTIONS,
    ensure_listed,
    language_of,
    name_of,
    urls,
    with_links,
)

_STYLE = "linky.css"


def on_config(config: Any) -> None:
    """Anchors are those that GitHub makes: the documents' links name them."""
    config.mdx_configs["toc"]["slugify"] = lambda words, _: anchor_of(words)
    config.theme["language"] = _language()
    config.extra_css.append(_STYLE)


def _language() -> str:
    return os.environ.get(LANGUAGE, "en")


def on_files(files: Files, config: Any) -> Files:
    """The documents of the language, the README as the first page, and Linky's colour."""
    try:
        ensure_listed()
    except ValueError as error:
        raise PluginError(str(error)) from None
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
    found.append(File.generated(config, _STYLE, content=_style()))
    return Files(found)


def _style() -> str:
    return "\n".join(
        f'[data-md-color-scheme="{scheme}"] {{ --md-primary-fg-color: {shade.fill};'
        f" --md-primary-bg-color: #fff; --md-accent-fg-color: {shade.accent};"
        f" --md-typeset-a-color: {shade.accent}; }}"
        for scheme, shade in _schemes()
    )


def _schemes() -> tuple[tuple[str, Shade], ...]:
    return ("default", OURS.light), ("slate", OURS.dark)


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    source = Path(page.file.abs_src_path)
    return with_links(markdown, source, urls()[source])


def on_nav(nav: Navigation, config: Any, files: Files) -> Navigation:
    """The README, then SECTIONS, then the decisions, with their index first."""
    pages = {Path(page.file.abs_src_path): page for page in nav.pages}
    by_name = {name_of(path): page for path, page in pages.items()}
    sections = [
        Section(titles[_language()], [by_name[name] for name in names if name in by_name])
        for titles, names in SECTIONS
    ]
    decisions = [page for path, page in pages.items() if path.is_relative_to(DECISIONS)]
    decisions.sort(
        key=lambda page: (not page.file.src_uri.endswith("README.md"), page.file.src_uri)
    )
    if decisions:
        sections[-1].children.append(Section("Decisions", decisions))
    nav.items = [by_name["README.md"], *(section for section in sections if section.children)]
    for section in sections:
        _adopt(section)
    return nav


def _adopt(section: Section) -> None:
    for child in section.children:
        child.parent = section
        if isinstance(child, Section):
            _adopt(child)
