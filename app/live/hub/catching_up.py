"""What a stream that goes on from a cursor is sent before it follows the log with all others."""

from dataclasses import dataclass

from app.core.metrics import LIVE_RESETS
from app.live.hub import events
from app.live.hub.stream import Stream
from app.live.service import LiveService, Page, page_of
from app.live_log import Cursor, Kind, State
from app.runtime.context import Context

_ASK_AGAIN = (Kind.SIGHT, Kind.SESSION)


@dataclass(frozen=True, slots=True)
class Step:
    """Events for the client, and how far it has the log once it has these."""

    cursor: Cursor
    events: list[bytes]
    is_last: bool
    """Whether the client then has all that was in the log at the `state`."""

    is_sure: bool
    """Whether what was read before of the viewer's sight and session still holds."""


async def catch_up(ctx: Context, stream: Stream, state: State, known: Cursor) -> Step:
    """The next page of what a client lacks, by the features' own predicates."""
    page = await page_of(ctx.live_log, state, known, stream.topics)
    told, position = await ctx.service(LiveService).tell(page.changes, stream.topics)
    page = page.up_to(position)
    out = _resets(page, known, has_more=bool(told))
    if told:
        out.append(events.changes(page.cursor, state.cursor, told))
    is_sure = page.reset is None and not any(c.kind in _ASK_AGAIN for c in page.changes)
    return Step(page.cursor, out, not page.more, is_sure)


def _resets(page: Page, known: Cursor, *, has_more: bool) -> list[bytes]:
    """The page's reset, if it has one. If changes follow, only they move the cursor on.

    Otherwise a cut between the two would lose the changes.
    """
    if page.reset is None:
        return []
    LIVE_RESETS.labels(page.reset.reason).inc()
    cursor = known if has_more else page.cursor
    return [events.reset(cursor, page.reset.reason, page.reset.topics)]
