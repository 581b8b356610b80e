"""What statements about reports take and answer, and the evidence that a report stores."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import Field

from app.core.schemas import ShownAs
from app.reports.enums import CaseStatus, ReportOutcome, ReportReason, ReportTarget

HOURS_FOR_GRAVITY = timedelta(hours=4)
"""By how much the console's queue moves a case forward for each step of its severity."""

type Snapshot = dict[str, Any]
"""Evidence as it is stored: a JSON object. Rows of old releases may lack keys or have others."""


# The fields' names are the stored keys. Renaming one would make old evidence unreadable, so they
# do not follow the names in the API.


@dataclass(frozen=True, slots=True)
class PostEvidence:
    """A post as the reporter saw it. `images` are the addresses of its pictures."""

    id: UUID
    title: str
    body: str
    author: str
    lounge: str
    images: list[str]


@dataclass(frozen=True, slots=True)
class CommentEvidence:
    """A comment as the reporter saw it."""

    id: UUID
    post_id: UUID
    body: str
    author: str


@dataclass(frozen=True, slots=True)
class UserEvidence:
    """A user's profile as the reporter saw it."""

    id: UUID
    nickname: str
    bio: str
    avatar_url: str | None
    post_count: int


@dataclass(frozen=True, slots=True)
class LoungeEvidence:
    """A lounge as the reporter saw it."""

    id: UUID
    name: str
    description: str
    cover_url: str | None


type Evidence = PostEvidence | CommentEvidence | UserEvidence | LoungeEvidence


def snapshot_of(evidence: Evidence) -> Snapshot:
    """The evidence as it is stored."""
    values = asdict(evidence).items()
    return {name: str(value) if isinstance(value, UUID) else value for name, value in values}


CAUSES = "causes"
"""The key of a snapshot under which a case of the reason `system` has its SystemCauses."""

_NO_VERSION = ("post_count", CAUSES)


def digest_of(snapshot: Snapshot) -> bytes:
    """Tells versions of the same target apart. A user's new posts do not make a new version."""
    compared = {name: value for name, value in snapshot.items() if name not in _NO_VERSION}
    return hashlib.sha256(orjson.dumps(compared, option=orjson.OPT_SORT_KEYS)).digest()


@dataclass
class Report:
    """One of the caller's reports. It is `resolved` once it has been decided."""

    id: UUID
    target_type: Annotated[str, ShownAs(ReportTarget)]
    target_id: UUID
    reason: Annotated[str, ShownAs(ReportReason)]
    detail: str
    status: Annotated[str, ShownAs(CaseStatus)]
    outcome: Annotated[
        str | None,
        ShownAs(ReportOutcome | None),
        Field(
            description="What came of it; null before the decision. `acted`: the content was "
            "hidden or its author suspended",
            examples=[None],
        ),
    ]
    created_at: datetime
    decided_at: Annotated[
        datetime | None, Field(description="When it was decided; null before", examples=[None])
    ]


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to open, without its reasons: who locks it adds them."""

    target_type: ReportTarget
    target_id: UUID
    author_id: UUID | None
    snapshot: Snapshot
    created_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case that is locked, with the version of its first report."""

    id: UUID
    snapshot: Snapshot
    reasons: list[str]
    """Without the one that is being added: none for a case that was opened just now."""

    @property
    def is_new(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True)
class NicknameCase:
    """A case about a user, with the nickname of then. `resolved_at` is None while it is open."""

    user_id: UUID
    nickname: str | None
    resolved_at: datetime | None

    def covers(self, user_id: UUID, nickname: str, since: datetime) -> bool:
        """Whether staff decide about the user, or have decided about the nickname since then."""
        if self.resolved_at is None:
            return self.user_id == user_id
        return (self.user_id, self.nickname) == (user_id, nickname) and self.resolved_at > since


@dataclass(frozen=True, slots=True)
class DueCase:
    """An open case whose time to decide ends soon, or has ended."""

    id: UUID
    is_overdue: bool


@dataclass
class ReportedVersion:
    """One version of what was reported, and when it was reported first."""

    snapshot: Annotated[Snapshot, ShownAs(dict[str, Any])]
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class CaseRow:
    """All reports on a target, as admins see them.

    `later_versions` are JSON objects with the fields of ReportedVersion, at most the latest four.
    """

    id: UUID
    target_type: str
    target_id: UUID
    author_id: UUID | None
    reasons: list[str]
    report_count: int
    details: list[str]
    snapshot: Snapshot
    status: str
    resolution: str | None
    note: str
    gravity: int
    created_at: datetime
    due_at: datetime
    resolved_at: datetime | None
    erased_at: datetime | None
    later_versions: list[dict[str, Any]]
    later_version_count: int

    @property
    def urgency(self) -> datetime:
        """Its place in the console's queue: a deadline that a grave case has earlier.

        In UTC and without a zone, as in the index (`report_cases_urgency_idx`).
        """
        due_at = self.due_at.astimezone(UTC).replace(tzinfo=None)
        return due_at - self.gravity * HOURS_FOR_GRAVITY

    @property
    def decided_at(self) -> datetime:
        """When it was resolved, if it is."""
        assert self.resolved_at is not None
        return self.resolved_at

    @property
    def versions(self) -> list[ReportedVersion]:
        """The first version and the latest four. None are left after the erasure."""
        if self.erased_at is not None:
            return []
        later = (
            ReportedVersion(version["snapshot"], datetime.fromisoformat(version["reported_at"]))
            for version in self.later_versions
        )
        return [ReportedVersion(self.snapshot, self.created_at), *later]

    @property
    def version_count(self) -> int:
        return 0 if self.erased_at is not None else 1 + self.later_version_count


@dataclass
class ReportOfCase:
    """One report, as admins see it."""

    id: UUID
    reason: Annotated[str, ShownAs(ReportReason)]
    detail: str
    snapshot: Annotated[
        Snapshot,
        ShownAs(dict[str, Any]),
        Field(description="What was reported, as this reporter saw it"),
    ]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class QueueRow:
    """How many cases are open, how many of them are overdue, and the age of the oldest."""

    open: int
    overdue: int
    oldest_seconds: float
