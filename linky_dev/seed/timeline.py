"""The demo's texts in the order in which they happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from linky_dev.seed.story import DemoComment, DemoPost, moment

READ_TIMES = (("hanako", "4 08:00"), ("taro", "9 08:00"), ("emma", "6 08:00"), ("jun", "2 08:00"))
"""When members read their notifications. Later ones are unread."""


@dataclass(frozen=True, slots=True)
class PostPublished:
    """A member publishes a post."""

    at: datetime
    post: DemoPost


@dataclass(frozen=True, slots=True)
class CommentWritten:
    """A member writes a comment or, with `parent`, a reply."""

    at: datetime
    post: DemoPost
    comment: DemoComment
    parent: DemoComment | None


@dataclass(frozen=True, slots=True)
class CommentDeleted:
    """A comment's author deletes it."""

    at: datetime
    comment: DemoComment


@dataclass(frozen=True, slots=True)
class NotificationsRead:
    """A member reads their notifications."""

    at: datetime
    by: str


type Event = PostPublished | CommentWritten | CommentDeleted | NotificationsRead


def timeline(posts: Sequence[DemoPost], now: datetime) -> list[Event]:
    """All events in order, each at a time of its own: ids are made in this order, as times are."""
    events = [event for post in posts for event in _events(post, now)]
    events += [NotificationsRead(moment(at, now), by) for by, at in READ_TIMES]
    return _spread(sorted(events, key=lambda event: event.at))


def _spread(events: Sequence[Event]) -> list[Event]:
    spread: list[Event] = []
    for event in events:
        earliest = spread[-1].at + timedelta(seconds=1) if spread else event.at
        spread.append(replace(event, at=max(event.at, earliest)))
    return spread


def _events(post: DemoPost, now: datetime) -> Iterator[Event]:
    at = moment(post.at, now)
    yield PostPublished(at, post)
    for comment in post.comments:
        yield from _thread(post, comment, at)


def _thread(post: DemoPost, comment: DemoComment, at: datetime) -> Iterator[Event]:
    """A comment, then its replies, each after the one before."""
    at += timedelta(minutes=comment.after, seconds=_seconds(comment.body))
    yield CommentWritten(at, post, comment, None)
    for reply in comment.replies:
        at += timedelta(minutes=reply.after, seconds=_seconds(reply.body))
        yield CommentWritten(at, post, reply, comment)
    if comment.deleted:
        yield CommentDeleted(at + timedelta(hours=1), comment)


def _seconds(body: str) -> int:
    """Seconds that look random, but are the same at each run."""
    return len(body) * 7 % 55
