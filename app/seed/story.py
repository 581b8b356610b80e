"""The shape of the demo's texts: who there is, what they wrote, and how long ago."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_JAPAN = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class Member:
    """A user of the demo. `password` is known for those whom a developer signs in as."""

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
class Room:
    """A lounge, and the members that made it a favourite."""

    key: str
    name: str
    description: str
    opened: int
    """How many days ago."""
    fans: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, so many minutes after what it answers."""

    by: str
    after: int
    body: str
    replies: tuple["Remark", ...] = ()
    regretted: bool = False
    """Its author deletes it in the end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A post. `at` is a moment as `moment` reads it."""

    by: str
    room: str
    at: str
    title: str
    body: str
    remarks: tuple[Remark, ...] = ()
    pictures: tuple[str, ...] = ()
    likes: int = 0


def remark(by: str, after: int, body: str, *replies: Remark, regretted: bool = False) -> Remark:
    """A comment with its replies, written as the talk goes on."""
    return Remark(by, after, body, replies, regretted)


def moment(at: str, now: datetime) -> datetime:
    """`"5 21:30"` is half past nine in the evening in Japan, five days ago; `"-90"` minutes ago.

    People post in the evening and not at four in the morning, whenever the demo is made.
    """
    if at.startswith("-"):
        return now - timedelta(minutes=int(at[1:]))
    days, clock = at.split()
    day = now.astimezone(_JAPAN).date() - timedelta(days=int(days))
    return datetime.combine(day, time.fromisoformat(clock), _JAPAN)
