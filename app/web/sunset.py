"""What goes is announced: in the document, and in two headers of each answer (docs/stability.md).

@router.get("/old", openapi_extra=sunset(date(2027, 1, 10), date(2027, 7, 1)))
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any

from app.web.headers import RawHeaders

DEPRECATION = "Deprecation"
SUNSET = "Sunset"


def sunset(since: date, until: date) -> dict[str, Any]:
    """The `openapi_extra` of a route that is deprecated since a day, and may go on another."""
    return {"deprecated": True, "x-deprecated-since": f"{since}", "x-sunset": f"{until}"}


def sunset_headers(extra: Mapping[str, Any] | None) -> RawHeaders:
    """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594) of a route with such days, by its extra."""
    if not extra or "x-sunset" not in extra:
        return []
    since, until = (_day(extra[name]) for name in ("x-deprecated-since", "x-sunset"))
    return [
        (DEPRECATION.lower().encode(), f"@{int(since.timestamp())}".encode()),
        (SUNSET.lower().encode(), format_datetime(until, usegmt=True).encode()),
    ]


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), UTC)
