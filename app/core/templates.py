"""Jinja templates and style sheets. HTML is escaped, and a name without a value is an error."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


_STATIC = Path(__file__).parent / "static"


@cache
def read_style(path: Path, colors: bytes) -> bytes:
    """A style sheet behind the colours and the type that all of our pages share.

    `colors` are the installation's own, if it has any (`Brand.style`).
    """
    return (_STATIC / "tokens.css").read_bytes() + colors + path.read_bytes()


@cache
def read_script(path: Path | None = None) -> bytes:
    """The script that shows a password, before the script of a page that needs more."""
    shared = (_STATIC / "show_password.js").read_bytes()
    return shared + path.read_bytes() if path else shared


@cache
def templates_in(folder: Path) -> Environment:
    """The templates of a folder, loaded once. Jinja is imported here: most requests need none."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
