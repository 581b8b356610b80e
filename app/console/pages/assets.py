"""The files that the pages load."""

from fastapi import Response

from app.console.assets import digest_of, read_asset
from app.console.pages.common import page_router
from app.core.errors import NotFound

router = page_router()

_MEDIA_TYPES = {
    "style.css": "text/css",
    "desk.css": "text/css",
    "console.js": "text/javascript",
    "desk.js": "text/javascript",
    "htmx.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/assets/{digest}/{name}")
async def show_asset(digest: str, name: str) -> Response:
    """A file. A changed file has another digest in its address, so browsers cache it for ever."""
    if name not in _MEDIA_TYPES:
        raise NotFound
    # A page that was loaded before a release asks for an old digest. It gets the present file.
    cached = _FOR_EVER if digest == digest_of(name) else "no-store"
    headers = {"Cache-Control": cached}
    return Response(read_asset(name), media_type=_MEDIA_TYPES[name], headers=headers)
