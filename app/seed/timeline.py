"""The demo's texts in the order in which they happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.seed.story import Entry, Remark, moment

CATCHES_UP = (("hanako", "4 08:00"), ("taro", "9 08:00"), ("emma", "6 08:00"), ("jun", "2 08:00"))
"""When somebody has read what they were told; what came later is unread."""


@dataclass(frozen=True, slots=True)
class Published:
    """A post is there."""

    at: datetime
    entry: Entry


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, or with a parent a reply."""

    at: datetime
    entry: Entry
    remark: Remark
    parent: Remark | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A comment is deleted by its author."""

    at: datetime
    remark: Remark


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Somebody reads their notifications."""

    at: datetime
    by: str


type Event = Published | Said | Withdrawn | CaughtUp


def timeline(entries: Sequence[Entry], now: datetime) -> list[Event]:
    """All events, no two at once: ids are made in this order, and times must rise with them."""
    events = [event for entry in entries for event in _events(entry, now)]
    events += [CaughtUp(moment(at, now), by) for by, at in CATCHES_UP]
    return _one_by_one(sorted(events, key=lambda event: event.at))


def _one_by_one(events: Sequence[Event]) -> list[Event]:
    apart: list[Event] = []
    for event in events:
        earliest = apart[-1].at + timedelta(seconds=1) if apart else event.at
        apart.append(replace(event, at=max(event.at, earliest)))
    return apart


def _events(entry: Entry, now: datetime) -> Iterator[Event]:
    at = moment(entry.at, now)
    yield Published(at, entry)
    for remark in entry.remarks:
        yield from _talk(entry, remark, at)


def _talk(entry: Entry, remark: Remark, at: datetime) -> Iterator[Event]:
    """A comment, then its replies, each after the one before."""
    at += timedelta(minutes=remark.after, seconds=_seconds(remark.body))
    yield Said(at, entry, remark, None)
    for reply in remark.replies:
        at += timedelta(minutes=reply.after, seconds=_seconds(reply.body))
        yield Said(at, entry, reply, remark)
    if remark.regretted:
        yield Withdrawn(at + timedelta(hours=1), remark)


def _seconds(body: str) -> int:
    """Nobody answers on the full minute."""
    return len(body) * 7 % 55
