"""The types of the demo's texts: members, lounges, posts and comments, with their times."""

from dataclasses import dataclass
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
    """A lounge, and the members that made it a favourite."""

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
    """A comment, `after` minutes after what it replies to."""

    by: str
    after: int
    body: str
    replies: tuple["DemoComment", ...] = ()
    deleted: bool = False
    """Its author deletes it an hour after the last reply."""


@dataclass(frozen=True, slots=True)
class DemoPost:
    """A post. `moment` reads `at`."""

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
