"""The files that the pages load."""

from fastapi import Request, Response

from app.console.assets import FILES, digest_of, read_asset
from app.console.pages.common import page_router
from app.core.errors import NotFound
from app.web.runtime import runtime_of

router = page_router()

_FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/assets/{digest}/{name}")
async def show_asset(request: Request, digest: str, name: str) -> Response:
    """A file. A changed file has another digest in its address, so browsers cache it for ever."""
    if name not in FILES:
        raise NotFound
    # A page that was loaded before a release asks for an old digest. It gets the present file.
    colors = runtime_of(request).settings.brand.style
    cached = _FOR_EVER if digest == digest_of(name, colors) else "no-store"
    media_type = "text/css" if name.endswith(".css") else "text/javascript"
    headers = {"Cache-Control": cached}
    return Response(read_asset(name, colors), media_type=media_type, headers=headers)
