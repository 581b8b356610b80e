"""What the pages load: the style sheet, two scripts and an icon. Nothing comes from other hosts.

htmx is unchanged, with its licence and its version in the file's name (`static/htmx`).
"""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

from app.admin.console.gate import PATH
from app.admin.console.routes import ConsoleRoute
from app.core.errors import NotFound

router = APIRouter(prefix=PATH, include_in_schema=False, route_class=ConsoleRoute)

_STATIC = Path(__file__).parent / "static"
_SERVED = {
    "style.css": ("console.css", "text/css"),
    "console.js": ("console.js", "text/javascript"),
    "htmx.js": ("htmx/htmx-4.0.1.min.js", "text/javascript"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
}
_FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/assets/{digest}/{name}")
async def show_asset(digest: str, name: str) -> Response:
    """A file. A changed file has another digest in its address, so browsers cache it for ever."""
    if name not in _SERVED:
        raise NotFound
    # A page that was loaded before a release asks for an old digest. It gets the present file.
    cached = _FOR_EVER if digest == digest_of(name) else "no-store"
    return Response(_read(name), media_type=_SERVED[name][1], headers={"Cache-Control": cached})


def address_of(name: str) -> str:
    return f"{PATH}/assets/{digest_of(name)}/{name}"


@cache
def digest_of(name: str) -> str:
    return hashlib.sha256(_read(name)).hexdigest()[:12]


@cache
def _read(name: str) -> bytes:
    return (_STATIC / _SERVED[name][0]).read_bytes()
