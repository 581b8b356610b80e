"""Makes answers: serialises rows and models once, and gives resources an ETag."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from app.core.etags import tag_of
from app.core.json import to_json
from app.core.keyset import Page
from app.web.headers import raw_headers, whole_header

PRIVATE = "private, no-cache"
"""For answers that depend on the caller: only their client may keep them, and must revalidate."""


_PRIVATE = (b"cache-control", PRIVATE.encode())
_VARY = (b"vary", b"Authorization")
_JSON = (b"content-type", b"application/json")


class JsonResponse(Response):
    """An answer of JSON that is serialised already, with headers as bytes.

    Starlette's own class encodes each header again for each answer.
    """

    media_type = "application/json"

    def __init__(self, body: bytes, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.body = body
        self.status_code = status
        self.background = None
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body)), _JSON]


def json_response(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """`headers` are added, or replace `Cache-Control`."""
    raw = raw_headers({"Cache-Control": PRIVATE, **headers}.items()) if headers else (_PRIVATE,)
    return JsonResponse(to_json(value), status, raw)


def empty_response() -> Response:
    """204. With FastAPI's headers for a route without an answer, but for a LeanRoute."""
    return Response(status_code=204, media_type="application/json")


def picture_response(data: bytes) -> Response:
    """A picture that only admins may see: no cache keeps it."""
    return Response(data, media_type="image/webp", headers={"Cache-Control": "private, no-store"})


def page_response(page: Page[Any]) -> Response:
    """A page of a list, as `Page` describes it."""
    return json_response(page)


def created_response(value: Any, location: str) -> Response:
    """201 with the path of the new resource."""
    return json_response(value, 201, {"Location": location})


def resource_response(
    request: Request, value: Any, edit: str | None = None, *, tagged: Any = None
) -> Response:
    """A resource with its ETag, or 304 if the client has it already (RFC 9110, 13.1.2).

    `edit` is the first part of the tag, where changes take `If-Match` (`core/etags.py`). `tagged`
    is what the tag stands for, if that is not all of the resource.
    """
    body = to_json(value)
    tag = tag_of(body if tagged is None else to_json(tagged), edit)
    if _matches(whole_header(request.scope, b"if-none-match"), tag):
        headers = {"ETag": tag, "Cache-Control": PRIVATE, "Vary": "Authorization"}
        return Response(status_code=304, headers=headers)
    return JsonResponse(body, 200, ((b"etag", tag.encode()), _PRIVATE, _VARY))


def changed_response(value: Any, edit: str) -> Response:
    """A resource after a change, with its new ETag: the client need not read it again."""
    body = to_json(value)
    return JsonResponse(body, 200, ((b"etag", tag_of(body, edit).encode()), _PRIVATE, _VARY))


def _matches(if_none_match: str | None, tag: str) -> bool:
    if if_none_match is None:
        return False
    given = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in given or tag in given
