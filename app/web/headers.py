"""Headers as ASGI gives them. Starlette's `Headers` decodes all of them to find one."""

from collections.abc import Iterable

from starlette.types import Scope

type RawHeaders = list[tuple[bytes, bytes]]


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of this name, which must be in lower case."""
    for found, value in scope["headers"]:
        if found == name:
            return str(value, "latin-1")
    return None


def whole_header(scope: Scope, name: bytes) -> str | None:
    """All lines of a header that holds a list, as if they were one (RFC 9110, 5.3)."""
    lines = [str(value, "latin-1") for found, value in scope["headers"] if found == name]
    return ", ".join(lines) if lines else None


def raw_headers(headers: Iterable[tuple[str, str]]) -> RawHeaders:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def has_body(scope: Scope) -> bool:
    """Whether the request has a body, as far as its headers tell. It may be empty."""
    if header(scope, b"content-length") not in (None, "", "0"):
        return True
    return header(scope, b"transfer-encoding") is not None


def sends_json(scope: Scope) -> bool:
    """Whether the body says that it is JSON, as FastAPI asks."""
    kind = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and "+json" in kind)
