"""Makes answers: serialises rows and models once, and gives resources an ETag."""

import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from app.core.json import to_json
from app.core.keyset import Slice

PRIVATE = "private, no-cache"
"""For answers that depend on the caller: only their client may keep them, and must revalidate."""


def json_response(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        to_json(value),
        status_code=status,
        headers={"Cache-Control": PRIVATE, **(headers or {})},
        media_type="application/json",
    )


def picture_response(data: bytes) -> Response:
    """A picture that only admins may see: no cache keeps it."""
    return Response(data, media_type="image/webp", headers={"Cache-Control": "private, no-store"})


def page_response(page: Slice[Any]) -> Response:
    """A page of a list, as `Page` describes it."""
    return json_response(page)


def created_response(value: Any, location: str) -> Response:
    """201 with the path of the new resource."""
    return json_response(value, 201, {"Location": location})


def resource_response(request: Request, value: Any) -> Response:
    """A resource with its ETag, or 304 if the client has it already (RFC 9110, 13.1.2)."""
    body = to_json(value)
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": PRIVATE, "Vary": "Authorization"}
    if _matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _matches(if_none_match: str | None, tag: str) -> bool:
    if if_none_match is None:
        return False
    given = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in given or tag in given
