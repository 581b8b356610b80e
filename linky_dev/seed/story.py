"""The types of the demo's texts, and the order of the events in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path

from app.core.days import JAPAN

PICTURES = {path.stem: path for path in Path(__file__).with_name("pictures").glob("*.webp")}
"""The demo's pictures, by name. Code of ours drew them, so they need no licence."""


@dataclass(frozen=True, slots=True)
class DemoMember:
    """A user of the demo. Those that a developer may sign in as have a `password`."""

    key: str
    nickname: str
    bio: str
    joined: int
    """How many days ago."""
    avatar: str | None = None
    password: str | None = None
    admin: bool = False
    english: bool = False

    @property
    def email(self) -> str:
        return f"{self.key}@example.com"


@dataclass(frozen=True, slots=True)
class DemoLounge:
    key: str
    name: str
    description: str
    opened: int
    """How many days ago."""
    fans: str
    cover: str | None = None
    """The name of a picture, if any."""


@dataclass(frozen=True, slots=True)
class DemoComment:
    """`after` is in minutes, from what it replies to."""

    by: str
    after: int
    body: str
    replies: tuple["DemoComment", ...] = ()
    deleted: bool = False
    """Its author deletes it an hour after the last reply."""


@dataclass(frozen=True, slots=True)
class DemoPost:
    """`moment` reads `at`."""

    by: str
    lounge: str
    at: str
    title: str
    body: str
    comments: tuple[DemoComment, ...] = ()
    pictures: tuple[str, ...] = ()
    likes: int = 0


def comment(
    by: str, after: int, body: str, *replies: DemoComment, deleted: bool = False
) -> DemoComment:
    """A comment with its replies. Short to write, for long texts."""
    return DemoComment(by, after, body, replies, deleted)


def moment(at: str, now: datetime) -> datetime:
    """The time that a text stands for: `"5 21:30"` is 21:30 in Japan five days ago.

    So people post in the evening, whenever the demo is made. `"-90"` is 90 minutes ago.
    """
    if at.startswith("-"):
        return now - timedelta(minutes=int(at[1:]))
    days, clock = at.split()
    day = now.astimezone(JAPAN).date() - timedelta(days=int(days))
    return datetime.combine(day, time.fromisoformat(clock), JAPAN)


READ_TIMES = (("hanako", "4 08:00"), ("taro", "9 08:00"), ("emma", "6 08:00"), ("jun", "2 08:00"))
"""When members read their notifications. Later ones are unread."""


@dataclass(frozen=True, slots=True)
class PostPublished:
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
    at: datetime
    comment: DemoComment


@dataclass(frozen=True, slots=True)
class NotificationsRead:
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
