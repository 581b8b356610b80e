"""`/media/…`: images, if no other server serves the store's objects. Outside `/api/v1`."""

from hashlib import blake2b

from fastapi import APIRouter, Request, Response

from app.core.errors import NotFound
from app.integrations.storage.base import CACHE_CONTROL
from app.integrations.storage.keys import is_picture_key
from app.web.route import ApiRoute
from app.web.runtime import runtime_of

router = APIRouter(include_in_schema=False, route_class=ApiRoute)


@router.get("/media/{key:path}")
async def get_media(request: Request, key: str) -> Response:
    """An image. The content of a key never changes, so the ETag is made from the key."""
    if not is_picture_key(key):
        raise NotFound
    headers = {
        "Cache-Control": CACHE_CONTROL,
        "ETag": f'"{blake2b(key.encode(), digest_size=12).hexdigest()}"',
    }
    storage = runtime_of(request).storage
    if request.headers.get("if-none-match") == headers["ETag"]:
        # The client may have a copy of an image that was hidden since. Then the answer is 404.
        if not await storage.exists(key):
            raise NotFound
        return Response(status_code=304, headers=headers)
    data = await storage.read(key)
    if data is None:
        raise NotFound
    return Response(data, media_type="image/webp", headers=headers)
