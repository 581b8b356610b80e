"""What clients send to the admin API, and what they get."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from app.admin.enums import AssignableRole, HeldKind, TargetType
from app.admin.rows import DayRow
from app.core.field_errors import FieldCode
from app.core.schemas import Author, Line, Paragraphs, RequestModel, ResponseModel
from app.core.spelling import squeeze
from app.core.words import Words
from app.lounge.schemas import LoungeDescription, LoungeName
from app.user.enums import UserStatus
from app.user.models import User
from app.user.schemas import Me, me_of

REASON_LENGTH = 500

MAX_WORDS = 3000

NO_LETTERS = FieldCode(
    "no_letters",
    Words(
        "文字か数字を含めてください。記号だけの語は照合されません。",
        "This needs letters or digits: symbols alone are never found.",
    ),
)


def _with_letters(word: str) -> str:
    """Refuses a word of symbols alone: screening ignores symbols, and would never find it."""
    if not squeeze(word):
        raise NO_LETTERS.error()
    return word


ListedWord = Annotated[str, Line(1, 50), AfterValidator(_with_letters)]
Reason = Annotated[str, Paragraphs(1, REASON_LENGTH)]


class WithReason(RequestModel):
    """The reason of an act, for the audit log and for the user whom it concerns."""

    reason: Reason


class CannedReasonForm(RequestModel):
    """A canned reason in both languages."""

    ja: Reason
    en: Reason


class ManagedUser(Me):
    """A user as admins see them."""

    status: UserStatus
    suspension_reason: str = Field(description="The user sees it while suspended")
    post_count: int


def managed_user_of(user: User, media_url: str) -> ManagedUser:
    return ManagedUser(
        **dict(me_of(user, media_url)),
        status=UserStatus(user.status),
        suspension_reason=user.suspension_reason,
        post_count=user.post_count,
    )


class ManagedUserUpdate(RequestModel):
    """What to change. A field that is not sent stays as it is."""

    role: AssignableRole | None = None
    status: UserStatus | None = None
    reason: Annotated[str, Paragraphs(0, REASON_LENGTH)] = ""


class LoungeCreate(RequestModel):
    name: LoungeName
    description: LoungeDescription


class LoungeUpdate(RequestModel):
    """What to change. A field that is not sent stays as it is."""

    name: LoungeName | None = None
    description: LoungeDescription | None = None


class BannedWords(ResponseModel):
    """Words that hold a text for review, and harmless phrases that may contain such a word."""

    words: list[str]
    exceptions: list[str]


class BannedWordsUpdate(RequestModel):
    """The whole list. Without `exceptions` the exceptions stay as they are."""

    words: Annotated[list[ListedWord], Field(max_length=MAX_WORDS)]
    exceptions: Annotated[list[ListedWord], Field(max_length=MAX_WORDS)] | None = None


class HeldContent(ResponseModel):
    """A post or comment that waits for review. Only its author sees it; `restore` releases it."""

    type: HeldKind
    id: UUID
    author: Author
    title: str | None
    body: str
    created_at: datetime


class DayOfStats(ResponseModel):
    """What happened on one day, in Japan's time."""

    day: date
    sign_ups: int
    posts: int
    comments: int
    reports: int


class Stats(ResponseModel):
    """Thirty days. The last one is today, which is not over yet."""

    days: list[DayOfStats]


def stats_of(days: Sequence[DayRow]) -> Stats:
    return Stats(days=[DayOfStats.model_validate(day) for day in days])


class AuditEntry(ResponseModel):
    """One act. `before` and `after` have what it changed."""

    id: UUID
    actor: Author
    action: str = Field(examples=["post.hidden"])
    target_type: TargetType
    target_id: UUID
    target_name: str | None = Field(description="The target's present name; null if it has none")
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]
    address: str = Field(description="The actor's IP address. At the server's terminal, who acted")
    created_at: datetime
