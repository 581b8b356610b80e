"""Server-Sent Events, as bytes."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.core.json import to_json
from app.live.enums import ByeReason, ResetReason
from app.live.rows import ChangeItem
from app.live_log.log import Cursor

BEAT_SECONDS: Final = 25
"""A stream that was silent for so long sends a beat. Load balancers cut after 60 s of silence."""

_RETRY: Final = {
    ByeReason.DEPLOY: (1_000, 10_000),
    ByeReason.TROUBLE: (5_000, 15_000),
    ByeReason.TOO_SLOW: (1_000, 5_000),
}
_OWN_RETRY: Final = (500, 1_500)
"""For ends of a single client there is nothing to spread."""

_FIRST_RETRY: Final = (1_000, 10_000)
"""What a client waits after a cut without a `bye`: its server may have died, with all streams."""


def hello(cursor: Cursor, topics: Sequence[str], gone: Sequence[str], ends_at: datetime) -> bytes:
    data = {"topics": topics, "gone": gone, "beat_seconds": BEAT_SECONDS, "ends_at": ends_at}
    return _event("hello", to_json(data), cursor, _spread(_FIRST_RETRY))


def changes(cursor: Cursor, as_of: Cursor, items: Sequence[ChangeItem]) -> bytes:
    """A viewer's items of one reading of the log. A client takes none of an event that is cut."""
    return _event("changes", to_json({"as_of": str(as_of), "changes": items}), cursor)


def reset(cursor: Cursor, reason: ResetReason, topics: Sequence[str] | None) -> bytes:
    return _event("reset", to_json({"reason": reason, "topics": topics}), cursor)


def beat(cursor: Cursor) -> bytes:
    return _event("beat", b"{}", cursor)


def bye(reason: ByeReason) -> bytes:
    """The last event. Without an id: the client goes on from the last one that it has."""
    retry = _spread(_RETRY.get(reason, _OWN_RETRY))
    return _event("bye", to_json({"reason": reason}), retry=retry)


def _event(name: str, data: bytes, cursor: Cursor | None = None, retry: int | None = None) -> bytes:
    """`data` is JSON, which has no line breaks."""
    head = "" if retry is None else f"retry: {retry}\n"
    head += "" if cursor is None else f"id: {cursor}\n"
    return b"%sevent: %s\ndata: %s\n\n" % (head.encode(), name.encode(), data)


def _spread(milliseconds: tuple[int, int]) -> int:
    """Spreads clients that were cut at the same moment, so that they do not come back at once."""
    return random.randint(*milliseconds)  # noqa: S311 - It keeps no secret.
