"""`/media/…`: the store's objects, where no other address serves them. Outside `/api/v1`."""

import re
from hashlib import blake2b

from fastapi import APIRouter, Request, Response

from app.core.errors import NotFound
from app.core.runtime import runtime_of
from app.core.storage import CACHE_CONTROL

router = APIRouter(include_in_schema=False)

_KEY = re.compile(r"(images|avatars|covers)/[A-Za-z0-9][A-Za-z0-9/_-]*\.webp")


@router.get("/media/{key:path}")
async def get_media(request: Request, key: str) -> Response:
    """A picture. What a key holds never changes, so its name is as good as its content."""
    if not _KEY.fullmatch(key):
        raise NotFound
    headers = {
        "Cache-Control": CACHE_CONTROL,
        "ETag": f'"{blake2b(key.encode(), digest_size=12).hexdigest()}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    data = await runtime_of(request).storage.read(key)
    if data is None:
        raise NotFound
    return Response(data, media_type="image/webp", headers=headers)
