"""What the audit log keeps of an act: the state `before` and `after` it, one class for each kind.

These shapes are stored for years, and entries are never rewritten. So they are the log's own: the
API and the tables may change their names, and the log keeps its keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.days import rfc3339


@dataclass(frozen=True, slots=True)
class UserState:
    """A user's. `until` and `hide_content` belong to a suspension: None without."""

    role: str
    status: str
    until: datetime | None = None
    hide_content: bool | None = None


@dataclass(frozen=True, slots=True)
class LoungeText:
    """None for what the admin did not change."""

    name: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class LoungeState:
    open: bool


@dataclass(frozen=True, slots=True)
class LoungeCover:
    """Whether a lounge shows a picture."""

    cover: bool


@dataclass(frozen=True, slots=True)
class RequestState:
    status: str


@dataclass(frozen=True, slots=True)
class ApprovedRequest:
    status: str
    name: str
    lounge_id: UUID


@dataclass(frozen=True, slots=True)
class ContentState:
    """Of a post or a comment. `with_author`: hidden only because its author's whole content is."""

    moderation: str
    with_author: bool | None = None


@dataclass(frozen=True, slots=True)
class CaseState:
    status: str


@dataclass(frozen=True, slots=True)
class ResolvedCase:
    status: str
    action: str
    target_id: UUID


@dataclass(frozen=True, slots=True)
class WordChange:
    """The words that were removed (`before`) or added (`after`)."""

    words: list[str]
    exceptions: list[str]


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A canned reason."""

    use: str
    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class ConnectionSearch:
    found: int
    all_of_author: bool


@dataclass(frozen=True, slots=True)
class Exported:
    """What an admin took along as a file: the log or the numbers, and of which days."""

    what: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class DeadJob:
    job: int
    name: str
    error: str


@dataclass(frozen=True, slots=True)
class WarningGiven:
    """What a warning is about, if it names something."""

    warning: UUID
    target_type: str | None
    target_id: UUID | None


@dataclass(frozen=True, slots=True)
class AppealState:
    status: str


@dataclass(frozen=True, slots=True)
class DecidedAppeal:
    status: str
    against: str
    user_id: UUID


@dataclass(frozen=True, slots=True)
class AnnouncedText:
    title: str
    push: bool | None
    publish_at: datetime | None = None


type State = (
    UserState
    | WarningGiven
    | AppealState
    | DecidedAppeal
    | AnnouncedText
    | LoungeText
    | LoungeState
    | LoungeCover
    | RequestState
    | ApprovedRequest
    | ContentState
    | CaseState
    | ResolvedCase
    | WordChange
    | ReasonText
    | ConnectionSearch
    | Exported
    | DeadJob
)


def stored(state: State | None) -> Mapping[str, Any]:
    """A state as JSON. What is None is left out."""
    if state is None:
        return {}
    values = {field.name: getattr(state, field.name) for field in fields(state)}
    return {name: _as_json(value) for name, value in values.items() if value is not None}


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    return str(value) if isinstance(value, UUID) else value
