"""What clients send to the admin API, and what they get."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool

from app.admin.enums import AssignableRole, DecisionKind, HeldKind, TargetType
from app.core.field_errors import FieldCode
from app.core.schemas import Author, Line, Moment, Paragraphs, RequestModel, ResponseModel
from app.core.spelling import squeeze
from app.core.words import Words
from app.lounge.schemas import LoungeDescription, LoungeName
from app.user.enums import UserStatus
from app.user.models import User
from app.user.policy import is_suspended
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
    until: datetime | None = Field(
        description="When the suspension ends by itself; null if it is for good or there is none"
    )
    hide_content: bool = Field(description="Whether the suspension hides all posts and comments")
    warning_count: int = Field(description="Warnings that the user was given and that stand")
    post_count: int


def managed_user_of(user: User, media_url: str, now: datetime) -> ManagedUser:
    """`now` decides whether a timed suspension is over: the job that notes it may be late."""
    suspended = is_suspended(user, now)
    return ManagedUser(
        **dict(me_of(user, media_url)),
        status=UserStatus.SUSPENDED if suspended else UserStatus.ACTIVE,
        suspension_reason=user.suspension_reason if suspended else "",
        until=user.suspended_until if suspended else None,
        hide_content=suspended and user.suspension_hides,
        warning_count=user.warning_count,
        post_count=user.post_count,
    )


class ManagedUserUpdate(RequestModel):
    """What to change. A field that is not sent stays as it is."""

    role: AssignableRole | None = None
    status: UserStatus | None = Field(
        default=None, description="Whether the user is suspended", examples=["suspended"]
    )
    reason: Annotated[str, Paragraphs(0, REASON_LENGTH)] = ""
    until: Moment | None = Field(
        default=None,
        description="When a suspension ends by itself, in the future. To suspend without it is for "
        "good",
    )
    hide_content: StrictBool | None = Field(
        default=None,
        description="Whether the suspension hides all posts and comments. Exactly these are shown "
        "again when it ends",
    )


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
    picture_held: bool = Field(
        description="The operator's check did not pass a picture of it", examples=[False]
    )
    created_at: datetime


class DayOfStats(ResponseModel):
    """What happened on one day, in Japan's time."""

    day: date
    sign_ups: int
    posts: int
    comments: int
    reports: int
    active: int = Field(description="People who were here, guests among them", examples=[412])
    returned_1: int = Field(description="Those here who had signed up the day before", examples=[9])
    returned_7: int = Field(description="Those here who had signed up 7 days before", examples=[7])
    returned_30: int = Field(
        description="Those here who had signed up 30 days before", examples=[4]
    )
    pushes_sent: int = Field(
        description="Notifications that were pushed to a device at least", examples=[230]
    )
    pushes_opened: int = Field(description="Pushes that were opened", examples=[61])


class ReturnsOfStats(ResponseModel):
    """Of those who had signed up so many days before, how many were here; of the finished days."""

    after_days: int = Field(description="1, 7 or 30", examples=[7])
    new_people: int = Field(description="Those who had signed up", examples=[148])
    came_back: int = Field(description="Those of them who were here on that day", examples=[52])


class DecisionsOfStats(ResponseModel):
    """How many decisions of a kind admins made, and how long they took from the first asking."""

    kind: DecisionKind
    decided: int = Field(description="How many decisions there were", examples=[18])
    mean_seconds: float | None = Field(description="Null if there was none")
    longest_seconds: float | None = Field(description="Null if there was none")


class Stats(ResponseModel):
    """Thirty days. The last one is today, which is not over yet."""

    days: list[DayOfStats]
    returns: list[ReturnsOfStats] = Field(description="Who came back; one entry for each span")
    decisions: list[DecisionsOfStats] = Field(description="One entry for each kind")


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
