"""The server's events, and how long to wait before coming back. It neither waits nor sends."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from linky_client.cursors import Cursor
from linky_client.errors import JsonObject, MalformedAnswerError, Problem
from linky_client.generated import models
from linky_client.reading import as_object, list_of, optional

MOST_BYTES: Final = 8 * 1024 * 1024
"""The server sends much smaller events. A longer one would fill the memory."""

MOST_DOUBLINGS: Final = 16
"""Far beyond the longest wait."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """An event that came whole. The cursor is None where it moves nothing on."""

    name: str
    data: JsonObject
    cursor: Cursor | None
    retry: float | None

    @property
    def changes(self) -> tuple[models.Change, ...]:
        """What an event of the name `changes` tells."""
        return optional(self.data, "changes", list_of(models.Change.parse)) or ()


class EventReader:
    """Takes bytes, and gives the events in them. What has no blank line yet is not an event."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[ServerEvent]:
        """The events that are whole now."""
        *whole, self._rest = (self._rest + data).replace(b"\r\n", b"\n").split(b"\n\n")
        if len(self._rest) > MOST_BYTES:
            raise MalformedAnswerError("an event without an end")
        try:
            texts = [part.decode() for part in whole]
        except UnicodeDecodeError:
            raise MalformedAnswerError("an event is not UTF-8") from None
        return [event for text in texts if (event := _event_in(text)) is not None]


def _event_in(text: str) -> ServerEvent | None:
    fields: dict[str, str] = {}
    for line in text.split("\n"):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
    if "data" not in fields:
        return None  # Only a comment.
    try:
        data = as_object(json.loads(fields["data"]))
    except ValueError:
        raise MalformedAnswerError("an event's data is not JSON") from None
    cursor, retry = fields.get("id"), fields.get("retry", "")
    return ServerEvent(
        fields.get("event", "message"),
        data,
        Cursor.parse(cursor) if cursor else None,
        int(retry) / 1000 if retry.isdecimal() else None,
    )


@dataclass(slots=True)
class Waiting:
    """How long to wait before the next stream."""

    silence: float = 65.0
    """No byte for so long means a dead connection: the server sends a beat every 25 seconds."""

    polling: float = 30.0
    """Between two `GET /changes` where there is no room for a stream."""

    longest: float = 60.0
    dice: Callable[[], float] = random.random
    _retry: float = 3.0
    _failures: int = 0

    def heard(self, event: ServerEvent) -> None:
        """The server said something. `hello` ends a row of failures."""
        if event.name == "hello":
            self._failures = 0
        if event.retry is not None:
            self._retry = event.retry

    def after(self, problem: Exception | None, reason: str) -> float:
        """Seconds until the next stream, after a refusal or the reason of a `bye`."""
        if self.has_no_room(problem, reason):
            return self._spread(self.polling)
        wait = self._spread(min(self._retry * 2.0**self._failures, self.longest))
        self._failures = min(self._failures + 1, MOST_DOUBLINGS)
        if isinstance(problem, Problem) and problem.retry_after is not None:
            return max(wait, problem.retry_after + 2 * self.dice())
        return wait

    @staticmethod
    def has_no_room(problem: Exception | None, reason: str) -> bool:
        """Whether the server had no room for the stream, so that `GET /changes` must do."""
        code = problem.code if isinstance(problem, Problem) else ""
        return reason == "replaced" or code == "live_full"

    def _spread(self, seconds: float) -> float:
        """Up to 30 % more or less, so that not all clients come back in the same moment."""
        return seconds * (0.7 + 0.6 * self.dice())
