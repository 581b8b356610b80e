"""What the pages load besides themselves: the style sheet, two scripts and an icon, all from here.

htmx is kept as its authors ship it (`static/htmx`, with its licence), under its version's name.
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


@router.get("/assets/{mark}/{name}")
async def show_asset(mark: str, name: str) -> Response:
    """A file under its mark: a new release has new addresses, so browsers keep what they have."""
    if name not in _SERVED:
        raise NotFound
    # An old mark is answered too, by what there is now: a page may be older than a release.
    how_long = _FOR_EVER if mark == mark_of(name) else "no-store"
    headers = {"Cache-Control": how_long}
    return Response(_read(name), media_type=_SERVED[name][1], headers=headers)


def address_of(name: str) -> str:
    return f"{PATH}/assets/{mark_of(name)}/{name}"


@cache
def mark_of(name: str) -> str:
    """Changes with the content."""
    return hashlib.sha256(_read(name)).hexdigest()[:12]


@cache
def _read(name: str) -> bytes:
    return (_STATIC / _SERVED[name][0]).read_bytes()
