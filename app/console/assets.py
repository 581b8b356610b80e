"""What the pages load: style sheets and scripts. Nothing comes from other hosts.

htmx is unchanged, with its licence and its version in the file's name (`static/htmx`).
"""

import hashlib
from functools import cache
from pathlib import Path

from app.console.gate import PATH
from app.core.templates import read_script, read_style

_STATIC = Path(__file__).parent / "static"
FILES = {
    "style.css": "console.css",
    "review_queue.css": "review_queue.css",
    "live.css": "live.css",
    "console.js": "console.js",
    "review_queue.js": "review_queue.js",
    "live.js": "live.js",
    "keys.js": "keys.js",
    "htmx.js": "htmx/htmx-4.0.1.min.js",
}


def address_of(name: str, colors: bytes = b"") -> str:
    """The path of an asset. It has the content's digest, so browsers may cache it for ever.

    `colors` are those of the style sheet (`Brand.style`).
    """
    return f"{PATH}/assets/{digest_of(name, colors)}/{name}"


@cache
def digest_of(name: str, colors: bytes) -> str:
    """Twelve letters that change with the content. Raises KeyError for another name."""
    return hashlib.sha256(read_asset(name, colors)).hexdigest()[:12]


@cache
def read_asset(name: str, colors: bytes) -> bytes:
    """Raises KeyError for another name."""
    path = _STATIC / FILES[name]
    if name == "style.css":
        return read_style(path, colors)
    return read_script(path) if name == "console.js" else path.read_bytes()
