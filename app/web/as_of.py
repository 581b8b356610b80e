"""`Linky-As-Of`: as of which position of the log an answer is true, at the least.

All that is older is in the answer; what is newer may be. So a client applies of `GET /changes` and
`GET /live` only what is newer than what it has.
"""

from functools import partial
from typing import Any, Final

from fastapi import Depends, Request

from app.live_log.log import Cursor
from app.web.headers import RawHeaders
from app.web.runtime import runtime_of

HEADER: Final = "Linky-As-Of"
_STATE = "as_of"


async def note_position(request: Request) -> None:
    """Note the position before the route reads anything. Mostly from memory."""
    request.scope["state"][_STATE] = await runtime_of(request).live_log.recent()


note_position.__dict__["answers_as_of"] = True

AS_OF = Depends(note_position)
"""A dependency of routers whose GETs show what `GET /changes` tells."""


def _note_replica(state: dict[str, Any], position: int) -> None:
    """The answer comes from a replica, which had the log up to this position."""
    cursor: Cursor | None = state.get(_STATE)
    if cursor is not None:
        state[_STATE] = cursor._replace(position=min(cursor.position, position))


def replica_noted(request: Request) -> partial[None]:
    """What a read from a replica calls, with the position of the replica before it."""
    return partial(_note_replica, request.scope["state"])


def as_of_headers(state: dict[str, Any]) -> RawHeaders:
    """The header of a successful answer, if its route noted the position."""
    cursor: Cursor | None = state.get(_STATE)
    return [] if cursor is None else [(b"linky-as-of", str(cursor).encode())]
