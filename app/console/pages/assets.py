"""The files that the pages load."""

from fastapi import Request, Response

from app.console.assets import digest_of, read_asset
from app.console.pages.common import page_router
from app.core.errors import NotFound
from app.web.runtime import runtime_of

router = page_router()

_MEDIA_TYPES = {
    "style.css": "text/css",
    "desk.css": "text/css",
    "live.css": "text/css",
    "console.js": "text/javascript",
    "desk.js": "text/javascript",
    "live.js": "text/javascript",
    "keys.js": "text/javascript",
    "htmx.js": "text/javascript",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/assets/{digest}/{name}")
async def show_asset(request: Request, digest: str, name: str) -> Response:
    """A file. A changed file has another digest in its address, so browsers cache it for ever."""
    if name not in _MEDIA_TYPES:
        raise NotFound
    # A page that was loaded before a release asks for an old digest. It gets the present file.
    colors = runtime_of(request).settings.brand.style
    cached = _FOR_EVER if digest == digest_of(name, colors) else "no-store"
    headers = {"Cache-Control": cached}
    return Response(read_asset(name, colors), media_type=_MEDIA_TYPES[name], headers=headers)
