"""Answers: the body is serialised once, straight from the rows; resources carry an ETag."""

import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from app.core.json import to_json
from app.core.keyset import Slice

PRIVATE = "private, no-cache"
"""What depends on the caller: their own client may keep it, and asks whether it still holds."""


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
    """A picture that not everybody may see: no cache keeps it."""
    return Response(data, media_type="image/webp", headers={"Cache-Control": "private, no-store"})


def page_response(page: Slice[Any]) -> Response:
    """A page of a list, as `Page` describes it."""
    return json_response(page)


def created_response(value: Any, location: str) -> Response:
    """201 with the address of what was made."""
    return json_response(value, 201, {"Location": location})


def resource_response(request: Request, value: Any) -> Response:
    """One resource with its ETag, or 304 if the client has it already (RFC 9110, 13.1.2)."""
    body = to_json(value)
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": PRIVATE, "Vary": "Authorization"}
    if _matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _matches(if_none_match: str | None, tag: str) -> bool:
    if if_none_match is None:
        return False
    tags = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in tags or tag in tags
