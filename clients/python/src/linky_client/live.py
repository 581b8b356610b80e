"""Follows the server: what others do as it happens, and after each cut what was missed."""

from asyncio import sleep
from collections.abc import AsyncIterator, Sequence

import httpx

from linky_client.cursors import Cursor
from linky_client.errors import (
    LinkyError,
    MalformedAnswerError,
    Problem,
    SignedOutError,
    UnreachableError,
)
from linky_client.generated.apis import LiveApi
from linky_client.generated.problems import InvalidCursorProblem
from linky_client.live_events import EventReader, ServerEvent, Waiting
from linky_client.session import Session
from linky_client.transport import Transport
from linky_client.values import Call, CallOptions

_MOVES_ON = frozenset({"changes", "beat", "reset"})
"""The events after whose cursor a new stream goes on."""


class Events:
    """The events of one user, over any number of streams."""

    def __init__(
        self,
        transport: Transport,
        session: Session,
        calls: LiveApi,
        topics: Sequence[str],
        since: Cursor | None,
        waiting: Waiting,
    ) -> None:
        self._transport = transport
        self._session = session
        self._calls = calls
        self._topics = ",".join(topics) or None
        self._cursor = since
        self._waiting = waiting
        self._was_refused = False
        """Whether the server knew the cursor no longer. What was missed is not known then."""

    async def follow(self) -> AsyncIterator[ServerEvent]:
        """What `Linky.follow` says."""
        user_id = (await self._session.tokens_for(None)).user_id
        asks = False
        while True:
            reason = ""
            problem: LinkyError | None = None
            try:
                if asks:
                    async for event in self._missed(user_id):
                        yield event
                async for event in self._stream(user_id):
                    if event.name == "bye":
                        reason = str(event.data.get("reason"))
                        break
                    yield event
            except InvalidCursorProblem as error:
                problem = error
                self._cursor, self._was_refused = None, True
            except LinkyError as error:
                if not _passes(error):
                    raise
                problem = error
            asks = self._waiting.has_no_room(problem, reason)
            await sleep(self._waiting.after(problem, reason))

    async def _stream(self, user_id: str) -> AsyncIterator[ServerEvent]:
        """The events of one stream, until it ends or is cut."""
        response = await self._transport.stream(
            Call(
                operation="follow_live",
                method="GET",
                path="/api/v1/live",
                query={"topics": self._topics},
                headers={"Last-Event-ID": str(self._cursor) if self._cursor else None},
                options=CallOptions(user_id=user_id),
            ),
            {"Accept": "text/event-stream"},
            self._waiting.silence,
        )
        reader = EventReader()
        try:
            async for part in response.aiter_bytes():
                for event in reader.feed(part):
                    if self._session.user_id != user_id:
                        raise SignedOutError
                    self._waiting.heard(event)
                    for told in self._taken(event):
                        yield told
        except httpx.RequestError as error:
            message = f"follow_live: {type(error).__name__}"
            raise UnreachableError(message, may_have_arrived=True) from error
        finally:
            await response.aclose()

    async def _missed(self, user_id: str) -> AsyncIterator[ServerEvent]:
        """What has changed, where there is no room for a stream."""
        more = True
        while more:
            told = await self._calls.list_changes(
                since=str(self._cursor) if self._cursor else None,
                topics=self._topics,
                options=CallOptions(user_id=user_id),
            )
            cursor, more = Cursor.parse(told.cursor), told.more
            if self._cursor is None:
                for event in self._taken(ServerEvent("hello", {}, cursor, None)):
                    yield event
                continue
            is_whole = told.reset is not None and told.reset.topics is None
            if told.reset is not None:
                # Of some topics only, the cursor moves on with the changes.
                place = cursor if is_whole else self._cursor
                for event in self._taken(ServerEvent("reset", told.reset.to_json(), place, None)):
                    yield event
            if not is_whole:
                changes = {"as_of": told.as_of, "changes": [one.to_json() for one in told.changes]}
                for event in self._taken(ServerEvent("changes", changes, cursor, None)):
                    yield event

    def _taken(self, event: ServerEvent) -> list[ServerEvent]:
        """The event, and after the `hello` of a new beginning that all is to be loaded anew."""
        if event.name in _MOVES_ON and event.cursor is not None:
            self._cursor = event.cursor
        if event.name != "hello" or self._cursor is not None:
            return [event]
        self._cursor = event.cursor
        if not self._was_refused:
            return [event]
        self._was_refused = False
        lost = {"reason": InvalidCursorProblem.CODE, "topics": None}
        return [event, ServerEvent("reset", lost, event.cursor, None)]


def _passes(error: LinkyError) -> bool:
    """Whether it may be otherwise in a while. What has no code of ours is a proxy's word."""
    if isinstance(error, Problem):
        return not error.code or error.status in (408, 429) or error.status >= 500
    return isinstance(error, UnreachableError | MalformedAnswerError)
