"""What the statements of the admin feature answer."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.admin.models import AT_TERMINAL
from app.user.rows import Author

TIMER = "timer"
"""The address of an entry whose act no person did: a timed suspension is over."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry of the audit log."""

    id: UUID
    action: str
    target_type: str
    target_id: UUID
    target_name: str | None
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]
    address: str
    created_at: datetime
    actor_id: UUID
    account: Author
    """The actor's account as it is now."""

    @property
    def actor(self) -> Author:
        """Who acted. At the terminal no account did: `address` names the person."""
        if self.actor_id == AT_TERMINAL:
            return Author(None, self.address, None)
        return self.account

    @property
    def by_timer(self) -> bool:
        """Whether a suspension ended by itself."""
        return self.actor_id == AT_TERMINAL and self.address == TIMER


@dataclass(frozen=True, slots=True)
class NamedAdmin:
    id: UUID
    nickname: str


@dataclass(frozen=True, slots=True)
class ContentRow:
    """A post or a comment in any state. `images` are the keys of its thumbnails."""

    type: str
    id: UUID
    title: str | None
    body: str
    created_at: datetime
    moderation: str
    lounge: str
    post_title: str | None
    images: list[str]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A post or a comment that waits for review, and the language of its author."""

    type: str
    id: UUID
    title: str | None
    body: str
    created_at: datetime
    moderation: str
    lounge: str
    post_title: str | None
    images: list[str]
    picture_held: bool
    locale: str
    author: Author

    @property
    def words(self) -> str:
        """What was screened."""
        return self.body if self.title is None else f"{self.title}\n{self.body}"


@dataclass(frozen=True, slots=True)
class CaseOfUserRow:
    """A case about a user, or about what they wrote, in their file."""

    id: UUID
    target_type: str
    reasons: list[str]
    report_count: int
    snapshot: dict[str, Any]
    status: str
    resolution: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """How much waits for an admin."""

    lounge_requests: int
    reports: int
    overdue: int
    posts: int
    comments: int
    appeals: int


@dataclass(frozen=True, slots=True)
class FrameRow:
    """What stands around every page: how much waits, canned reasons, and the act to undo."""

    lounge_requests: int
    reports: int
    overdue: int
    posts: int
    comments: int
    appeals: int
    dead_jobs: int
    reasons: list[dict[str, str]]
    undo_id: UUID | None
    undo_until: datetime | None

    def reasons_by_use(self) -> dict[str, list[dict[str, str]]]:
        """For templates, where a page of reports asks for them thirty times."""
        found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        for reason in self.reasons:
            found[reason["use"]].append(reason)
        return dict(found)

    @property
    def waiting(self) -> WaitingRow:
        return WaitingRow(
            lounge_requests=self.lounge_requests,
            reports=self.reports,
            overdue=self.overdue,
            posts=self.posts,
            comments=self.comments,
            appeals=self.appeals,
        )


@dataclass(frozen=True, slots=True)
class DayRow:
    """What happened on one day."""

    day: date
    sign_ups: int
    posts: int
    comments: int
    reports: int


@dataclass(frozen=True, slots=True)
class NumberRow:
    """How often something of a kind happened on a day. `seconds` and `longest` are of decisions."""

    day: date
    kind: str
    number: int
    seconds: float
    longest: float


@dataclass(frozen=True, slots=True)
class StoredNumber:
    """A stored number, and until when all are stored. Without any the rest is None."""

    until: datetime
    day: date | None
    kind: str
    number: int
    seconds: float
    longest: float

    @property
    def number_row(self) -> NumberRow:
        assert self.day is not None
        return NumberRow(self.day, self.kind, self.number, self.seconds, self.longest)


@dataclass(frozen=True, slots=True)
class DayStats:
    """The numbers of one day."""

    day: date
    sign_ups: int
    posts: int
    comments: int
    reports: int
    active: int
    returned_1: int
    returned_7: int
    returned_30: int
    pushes_sent: int
    pushes_opened: int


@dataclass(frozen=True, slots=True)
class ReturnStats:
    """How many of those who signed up came back so many days later."""

    after_days: int
    new_people: int
    came_back: int


@dataclass(frozen=True, slots=True)
class DecisionStats:
    """How many decisions of a kind there were, and how long they took."""

    kind: str
    decided: int
    mean_seconds: float | None
    longest_seconds: float | None


@dataclass(frozen=True, slots=True)
class StatsRow:
    """Everything that admins see of the last thirty days."""

    days: list[DayStats]
    returns: list[ReturnStats]
    decisions: list[DecisionStats]


@dataclass(frozen=True, slots=True)
class DayCountRow:
    """How many things of one kind happened on one day. `kind` is a field of DayRow."""

    kind: str
    day: date
    number: int
