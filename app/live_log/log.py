"""Reads the log. All of it is the primary's: a replica may be a moment behind."""

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.core.pool import Reader
from app.live_log.changes import Logged

_FORM = re.compile(r"([0-9a-f]{8})\.(0|[1-9][0-9]{0,18})", re.ASCII)
_LARGEST = 2**63 - 1


class Cursor(NamedTuple):
    """A position of an epoch. Of two epochs the positions can't be compared."""

    epoch: str
    position: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.position}"


def cursor_of(text: str) -> Cursor | None:
    """None for text that is no cursor of ours."""
    match = _FORM.fullmatch(text)
    if match is None or int(match[2]) > _LARGEST:
        return None
    return Cursor(match[1], int(match[2]))


MOVED_AT_ONCE = 5_000
"""Changes that one read moves out of the inbox. The next read moves the others."""

CATCH_UP = 500
"""How many changes of a topic, and of a page, a reader gets in one call."""

FRESH_SECONDS = 0.25
"""Age of the position that answers carry. A process asks at most four times a second."""

ASK_SECONDS = 0.5
"""How long an answer waits for the position at most."""

_STATE = "SELECT {} AS top, id, pruned_to, live_origin() AS origin FROM live_epoch"
_ADVANCE, _NOW = (_STATE.format(name) for name in ("live_advance($1)", "live_now()"))
_WAITING = "SELECT count(*) FROM (SELECT 1 FROM live_inbox LIMIT $1) AS waiting"
_NEW_EPOCH = "INSERT INTO live_epoch DEFAULT VALUES ON CONFLICT DO NOTHING"
_RESET = (
    "INSERT INTO live_epoch DEFAULT VALUES"
    " ON CONFLICT (one) DO UPDATE SET id = excluded.id RETURNING 1"
)
# How far the log was pruned is read by the same statement: what was deleted before it is known.
_SINCE = """
    SELECT coalesce(e.pruned_to, 0), l.* FROM (SELECT max(pruned_to) AS pruned_to FROM live_epoch) e
    LEFT JOIN LATERAL (
        SELECT c.* FROM unnest($1::uuid[]) AS t(id) CROSS JOIN LATERAL (
            SELECT pos, topic, kind, subject, only_for FROM live_changes
            WHERE topic = t.id AND pos > $2 AND pos <= $3 ORDER BY pos LIMIT $4
        ) c
    ) l ON true
    ORDER BY l.pos
"""
# A change in the inbox gets a higher position than all in the log.
_CHANGED_AFTER = """
    WITH asked AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS asked(topic, subject))
    SELECT subject FROM asked JOIN live_inbox USING (topic, subject) WHERE only_for IS NULL
    UNION
    SELECT asked.subject FROM asked CROSS JOIN LATERAL (
        SELECT FROM live_changes c
        WHERE c.topic = asked.topic AND c.pos > $3 AND c.subject = asked.subject
            AND c.only_for IS NULL
        LIMIT 1
    ) AS later
"""
_AFTER = """
    SELECT pos, topic, kind, subject, only_for FROM live_changes
    WHERE pos > $1 AND pos <= $2 ORDER BY pos LIMIT $3
"""
# From the oldest on, up to the last row of the batch that is old: no gap arises if clocks jumped.
_PRUNE = """
    WITH batch AS (SELECT pos, at FROM live_changes ORDER BY pos LIMIT $3),
    last AS (
        SELECT max(pos) AS pos FROM batch
        WHERE at < $1 OR pos <= (SELECT max(pos) FROM live_changes) - $2
    ),
    deleted AS (
        DELETE FROM live_changes USING last WHERE live_changes.pos <= last.pos RETURNING 1
    ),
    noted AS (
        UPDATE live_epoch SET pruned_to = last.pos FROM last
        WHERE last.pos > live_epoch.pruned_to RETURNING 1
    )
    SELECT (SELECT count(*) FROM deleted), (SELECT count(*) FROM noted)
"""


@dataclass(frozen=True, slots=True)
class State:
    """The log at one moment."""

    epoch: str
    top: int
    """The latest position."""

    pruned_to: int
    """Changes up to here are deleted."""

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.epoch, self.top)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the log, in order, and how far the log was pruned when it was read."""

    pruned_to: int
    changes: list[Logged]


class LiveLog:
    """The log as a process reads it. `reader` gives a reader of the primary."""

    def __init__(self, reader: Callable[[], Reader]) -> None:
        self._reader = reader
        self._state: State | None = None
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def advance(self, most: int = MOVED_AT_ONCE) -> State:
        """Give positions to the changes that were committed, and read how far the log is.

        If another reader does so at this moment, its changes may be missing.
        """
        return await self._read(_ADVANCE, most)

    async def now(self) -> State:
        """Like `advance`, but includes everything that was committed before.

        It waits for other readers. Clients that begin without a cursor need this.
        """
        return await self._read(_NOW)

    async def _read(self, statement: str, *params: int) -> State:
        rows = await self._reader().fetch(statement, list(params))
        while not rows:
            await self._reader().fetch(_NEW_EPOCH, [])
            rows = await self._reader().fetch(statement, list(params))
        ((top, stored, pruned_to, origin),) = rows
        state = State(_epoch(stored, origin), top, pruned_to)
        known = self._state
        # A slow answer must not take the position back.
        if known is None or known.epoch != state.epoch or known.top <= state.top:
            self._state, self._asked_at = state, time.monotonic()
        return state

    async def count_waiting(self, most: int) -> int:
        """Counts committed changes without a position, up to `most`.

        Right after `advance` there are few: those of the last milliseconds.
        """
        ((waiting,),) = await self._reader().fetch(_WAITING, [most])
        return int(waiting)

    async def epoch(self) -> str:
        """Identifies this log: another server's, a restored one and a reset one differ."""
        return (await self.advance()).epoch

    async def since(
        self, topics: Sequence[UUID], position: int, up_to: int, most: int = CATCH_UP + 1
    ) -> Stretch:
        """The changes of some topics behind a position, at most so many of each topic.

        If it gives the most of a topic, later ones of that topic may be missing. A position below
        `pruned_to` can't be answered: what came after it may be deleted.
        """
        rows = await self._reader().fetch(_SINCE, [list(topics), position, up_to, most])
        logged = [tuple(row) for row in rows]
        changes = [Logged(*row[1:]) for row in logged if row[1] is not None]
        return Stretch(logged[0][0], changes)

    async def changed_after(self, position: int, things: Mapping[UUID, UUID]) -> frozenset[UUID]:
        """The subjects that have a change for everyone after a position.

        `things` maps each subject to its topic. Changes without a position yet count too.
        """
        if not things:
            return frozenset()
        topics, subjects = list(things.values()), list(things)
        rows = await self._reader().fetch(_CHANGED_AFTER, [topics, subjects, position])
        return frozenset(subject for (subject,) in rows)

    async def after(self, position: int, up_to: int, most: int) -> list[Logged]:
        rows = await self._reader().fetch(_AFTER, [position, up_to, most])
        return [Logged(*row) for row in rows]

    async def prune(self, before: datetime, keep: int, batch: int) -> int:
        """Delete the oldest changes: those from before a time, and those beyond the newest `keep`.

        One batch; returns how many it deleted.
        """
        ((deleted, _),) = await self._reader().fetch(_PRUNE, [before, keep, batch])
        return int(deleted)

    async def reset(self) -> None:
        """Begin a new epoch: every client loads its lists again."""
        await self._reader().fetch(_RESET, [])

    async def recent(self) -> Cursor | None:
        """A position read a moment ago: the answer's `Linky-As-Of`.

        Mostly from memory. The first request that finds it older than a quarter of a second reads
        it again; the others use the old one meanwhile. That is safe: it is older than what they are
        about to read. None if the database does not answer.
        """
        if self._state is None or (self._is_stale and not self._asking.locked()):
            async with self._asking:
                if self._is_stale:
                    await self._ask()
        return self._state.cursor if self._state else None

    @property
    def _is_stale(self) -> bool:
        return time.monotonic() - self._asked_at >= FRESH_SECONDS

    async def _ask(self) -> None:
        # The statement of the request itself will say what is wrong with the database.
        with suppress(Exception):
            async with asyncio.timeout(ASK_SECONDS):
                await self.advance()
        self._asked_at = time.monotonic()


def _epoch(stored: UUID, origin: str) -> str:
    return hashlib.blake2b(f"{stored}{origin}".encode(), digest_size=4).hexdigest()
