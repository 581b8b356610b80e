"""What the statements of the admin feature answer."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.admin.enums import DecisionKind
from app.admin.models import AT_TERMINAL
from app.core.schemas import ShownAs
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
        """Whether a suspension ended automatically."""
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
    """A post or a comment held for review, and the language of its author."""

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
class UserFactsRow:
    """What the list of users says of one beside their account."""

    id: UUID
    seen_on: date | None
    """The last day, in Japan, on which they were here. None if that was over a week ago."""

    cases: int
    """About them or what they wrote, counted up to MAX_CASES."""


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
class SceneRow:
    """A post in any state, and its lounge. `images` are the keys of its thumbnails."""

    id: UUID
    title: str
    body: str
    moderation: str
    deleted: bool
    created_at: datetime
    comment_count: int
    images: list[str]
    author: Author
    lounge_id: UUID
    lounge_name: str
    lounge_closed: bool
    lounge_posts: int


@dataclass(frozen=True, slots=True)
class NearComment:
    """A comment in any state, also a deleted one."""

    id: UUID
    parent_id: UUID | None
    body: str
    moderation: str
    deleted: bool
    created_at: datetime
    author: Author

    @property
    def place(self) -> tuple[UUID, bool, UUID]:
        """Its position in the thread: replies follow what they answer."""
        return self.parent_id or self.id, self.parent_id is not None, self.id


@dataclass(frozen=True, slots=True)
class AuthorRow:
    """What is known of an author. The counts look through the latest 200 of each kind.

    `hidden_count` leaves out what only a suspension hides, `suspension_count` what was undone or
    overturned.
    `warnings` and `cases` are the latest ones, as JSON objects.
    """

    id: UUID
    nickname: str
    avatar_key: str | None
    role: str
    status: str
    locale: str
    created_at: datetime
    post_count: int
    warning_count: int
    suspension_reason: str
    suspended_until: datetime | None
    suspension_hides: bool
    case_count: int
    hidden_count: int
    suspension_count: int
    warnings: list[dict[str, Any]]
    cases: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ReporterRow:
    """Somebody who made a report, and what became of their reports before that one.

    The three numbers are of the same reports: their latest `MAX_COUNTED`.
    """

    reason: str
    reporter: Author
    earlier_count: int
    acted_on: int
    dismissed: int
    earlier: list[dict[str, Any]]
    """The latest of them, as JSON objects."""


@dataclass(frozen=True, slots=True)
class ThingsOfCases:
    """What the cases of a page are about, who decided them, and which of them the reader reported.

    Each is a list of JSON objects.
    """

    users: list[dict[str, Any]]
    lounges: list[dict[str, Any]]
    deciders: list[dict[str, Any]]
    posts: list[dict[str, Any]]
    comments: list[dict[str, Any]]
    reported: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """How much waits for an admin."""

    lounge_requests: int
    reports: int
    overdue: int
    posts: int
    comments: int
    appeals: int
    dead_jobs: int


@dataclass(frozen=True, slots=True)
class FrameRow(WaitingRow):
    """What stands around every page: how much waits, canned reasons, and the act to undo."""

    reasons: list[dict[str, str]]
    undo_id: UUID | None
    undo_until: datetime | None
    left_out: list[dict[str, str]] | None
    """What the act that can be undone left out, and why."""

    about: dict[str, str | None] | None
    """The kind and the name of what the last act was about; of a comment its post's title."""

    def reasons_by_use(self) -> dict[str, list[dict[str, str]]]:
        """For templates, where a page of reports asks for them thirty times."""
        found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        for reason in self.reasons:
            found[reason["use"]].append(reason)
        return dict(found)


@dataclass(frozen=True, slots=True)
class LiveRow(WaitingRow):
    """What an open console receives: how much is pending, and what happened to its cards.

    `decided` are those that wait no more, `claims` those that others look at: each with `id`, `who`
    (None if they have left, or if it was not decided) and `at`. `first` has the ids of the first
    page of the list as it is now.
    """

    decided: list[dict[str, Any]]
    claims: list[dict[str, Any]]
    first: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class NumberRow:
    """How often something of a kind happened on a day. `seconds` and `longest` are of decisions."""

    day: date
    kind: str
    number: int
    seconds: float
    longest: float


@dataclass(frozen=True, slots=True)
class Counted:
    """Until when numbers are stored, as NumbersCounted says."""

    until: datetime
    content_until: datetime


@dataclass(frozen=True, slots=True)
class StoredNumber:
    """A stored number, and until when all are stored. Without any the rest is None."""

    until: datetime
    content_until: datetime
    day: date | None
    kind: str
    number: int
    seconds: float
    longest: float

    @property
    def number_row(self) -> NumberRow:
        assert self.day is not None
        return NumberRow(self.day, self.kind, self.number, self.seconds, self.longest)


@dataclass
class DayOfStats:
    """What happened on one day (JST)."""

    day: date
    sign_ups: int
    posts: int
    comments: int
    reports: int
    active: Annotated[
        int, Field(description="People who used the app, including guests", examples=[412])
    ]
    returned_1: Annotated[
        int, Field(description="Active people who signed up the day before", examples=[9])
    ]
    returned_7: Annotated[
        int, Field(description="Active people who signed up 7 days before", examples=[7])
    ]
    returned_30: Annotated[
        int, Field(description="Active people who signed up 30 days before", examples=[4])
    ]
    pushes_sent: Annotated[
        int,
        Field(description="Notifications pushed to at least one device", examples=[230]),
    ]
    pushes_opened: Annotated[
        int, Field(description="Push notifications that were opened", examples=[61])
    ]


@dataclass
class ReturnsOfStats:
    """How many people came back so many days after signing up, over finished days."""

    after_days: Annotated[int, Field(description="1, 7 or 30", examples=[7])]
    new_people: Annotated[int, Field(description="People who signed up", examples=[148])]
    came_back: Annotated[
        int, Field(description="Those of them who came back on that day", examples=[52])
    ]


@dataclass
class DecisionsOfStats:
    """How many decisions of a kind staff made, and how long they took from the first request."""

    kind: Annotated[str, ShownAs(DecisionKind)]
    decided: Annotated[int, Field(description="Number of decisions", examples=[18])]
    mean_seconds: Annotated[float | None, Field(description="Null if there was none")]
    longest_seconds: Annotated[float | None, Field(description="Null if there was none")]


@dataclass
class Stats:
    """The last thirty days; the last one is today, so far."""

    days: list[DayOfStats]
    returns: Annotated[list[ReturnsOfStats], Field(description="Retention; one entry per period")]
    decisions: Annotated[list[DecisionsOfStats], Field(description="One entry per kind")]
