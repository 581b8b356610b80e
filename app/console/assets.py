"""What the pages load: style sheets, scripts and an icon. Nothing comes from other hosts.

htmx is unchanged, with its licence and its version in the file's name (`static/htmx`).
"""

import hashlib
from functools import cache
from pathlib import Path

from app.console.gate import PATH
from app.core.templates import read_style

_STATIC = Path(__file__).parent / "static"
_FILES = {
    "style.css": "console.css",
    "desk.css": "desk.css",
    "console.js": "console.js",
    "desk.js": "desk.js",
    "htmx.js": "htmx/htmx-4.0.1.min.js",
    "icon.svg": "icon.svg",
}


def address_of(name: str) -> str:
    """The path of an asset. It has the content's digest, so browsers may cache it for ever."""
    return f"{PATH}/assets/{digest_of(name)}/{name}"


@cache
def digest_of(name: str) -> str:
    """Twelve letters that change with the content. Raises KeyError for another name."""
    return hashlib.sha256(read_asset(name)).hexdigest()[:12]


@cache
def read_asset(name: str) -> bytes:
    """Raises KeyError for another name."""
    path = _STATIC / _FILES[name]
    return read_style(path) if name == "style.css" else path.read_bytes()
