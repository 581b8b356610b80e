"""What changed since a client last looked (`GET /changes`)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.live.enums import ResetReason
from app.live.policy import Topics, cursor_or_now, topics_of
from app.live.schemas import Changes, Reset
from app.live.service.resolving import LiveService
from app.live_log.changes import Logged
from app.live_log.log import CATCH_UP, Cursor, LiveLog, State
from app.runtime.context import Needs, Service
from app.user.policy import Viewer

MAX_MISSED_CHANGES = 2_000
"""A client that lacks more changes loads its lists again: that is cheaper."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Changes of the log, up to a cursor."""

    cursor: Cursor
    changes: Sequence[Logged] = ()
    more: bool = False
    reset: Reset | None = None

    def up_to(self, position: int | None) -> "LogPage":
        """The page up to the position; None is all of it."""
        if position is None:
            return self
        return replace(self, cursor=Cursor(self.cursor.epoch, position), more=True)


class CatchUpService(Service):
    _live = Needs(LiveService)

    async def catch_up(self, viewer: Viewer, since: str | None, topics: str) -> Changes:
        """Raises InvalidCursor, InvalidTopic, TooManyTopics."""
        followed = topics_of(viewer.user_id, topics)
        known = cursor_or_now(since)
        log = self._ctx.process.live_log
        state = await (log.now() if known is None else log.advance())
        page = (
            LogPage(state.cursor) if known is None else await page_of(log, state, known, followed)
        )
        # Loaded after `state` was read: so all of it is as of then, or later.
        changes, position = await self._live.resolve(page.changes, followed)
        page = page.up_to(position)
        return Changes(str(page.cursor), str(state.cursor), changes, page.more, page.reset)


async def page_of(log: LiveLog, state: State, known: Cursor, topics: Topics) -> LogPage:
    """What a client that knows the log up to a cursor lacks of its topics. For streams, too."""
    if known.epoch != state.epoch:
        return _reset(state, ResetReason.OTHER_EPOCH)
    if known.position > state.top:
        return _reset(state, ResetReason.AHEAD)
    stretch = await log.since(topics.ids, known.position, state.top)
    if known.position < stretch.pruned_to:
        return _reset(state, ResetReason.TOO_OLD)
    changes = [change for change in stretch.changes if not topics.is_of_another(change)]
    many = {topic for topic, n in _count(changes).items() if n > CATCH_UP}
    few = [change for change in changes if change.topic not in many]
    if len(few) > MAX_MISSED_CHANGES:
        return _reset(state, ResetReason.TOO_MUCH)
    names = sorted({topics.name(topic) for topic in many})
    reset = Reset(ResetReason.TOO_MUCH, names) if names else None
    more = len(few) > CATCH_UP
    cursor = Cursor(state.epoch, few[CATCH_UP - 1].pos) if more else state.cursor
    return LogPage(cursor, few[:CATCH_UP], more, reset)


def _count(changes: Sequence[Logged]) -> Counter[UUID]:
    return Counter(change.topic for change in changes)


def _reset(state: State, reason: ResetReason) -> LogPage:
    """All lists are to be loaded again. The client goes on from now."""
    return LogPage(state.cursor, reset=Reset(reason, None))
