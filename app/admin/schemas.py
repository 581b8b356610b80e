"""What clients send to the admin API, and what they get."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, FailFast, Field, StrictBool

from app.admin.enums import AssignableRole, HeldKind, TargetType
from app.comment.rows import ManagedComment
from app.core.field_errors import FieldCode
from app.core.schemas import Line, Moment, Paragraphs, RequestModel, ResponseModel, ShownAs
from app.core.settings.config import Settings
from app.core.spelling import squeeze
from app.core.texts import Text
from app.lounge.schemas import LoungeDescription, LoungeName
from app.post.rows import ManagedPost
from app.user.enums import UserStatus
from app.user.models import User
from app.user.policy import Viewer, is_suspended, shown_email
from app.user.rows import Account, Author
from app.user.schemas import account_of

REASON_LENGTH = 500

MAX_WORDS = 3000

NO_LETTERS = FieldCode(
    "no_letters",
    Text(
        "文字か数字を含めてください。記号だけの語は照合されません。",
        "Enter at least one letter or digit.",
    ),
)


def _with_letters(word: str) -> str:
    """Refuses a word of only symbols: screening ignores symbols, and would never find it."""
    if not squeeze(word):
        raise NO_LETTERS.error()
    return word


ListedWord = Annotated[str, Line(1, 50), AfterValidator(_with_letters)]
# Only the first wrong word is reported: 3,000 errors would hold up the event loop.
ListedWords = Annotated[list[ListedWord], FailFast(), Field(max_length=MAX_WORDS)]
Reason = Annotated[str, Paragraphs(1, REASON_LENGTH)]


class WithReason(RequestModel):
    """The reason for an action, for the audit log and for the user it concerns."""

    reason: Reason


class CannedReasonForm(RequestModel):
    """A canned reason in both languages."""

    ja: Reason
    en: Reason


@dataclass
class ManagedUser(Account):
    """A user as admins see them."""

    email: Annotated[
        str | None,
        Field(
            description="Null if the user has none. A moderator sees it masked, as `a…@e….jp`",
            examples=["hanako@example.jp"],
        ),
    ]
    status: Annotated[str, ShownAs(UserStatus)]
    suspension_reason: Annotated[str, Field(description="The user sees it while suspended")]
    until: Annotated[
        datetime | None,
        Field(
            description="When the suspension ends automatically; null if it is permanent or there "
            "is none"
        ),
    ]
    hide_content: Annotated[
        bool, Field(description="Whether the suspension hides all posts and comments")
    ]
    warning_count: Annotated[
        int, Field(description="Warnings the user received, without withdrawn ones")
    ]
    post_count: int


def managed_user_of(user: User, viewer: Viewer, settings: Settings, now: datetime) -> ManagedUser:
    """`now` decides whether a timed suspension is over: the job that notes it may be late."""
    suspended = is_suspended(user, now)
    account = account_of(user, settings)
    return ManagedUser(
        **{**vars(account), "email": shown_email(viewer, account.email)},
        status=UserStatus.SUSPENDED if suspended else UserStatus.ACTIVE,
        suspension_reason=user.suspension_reason if suspended else "",
        until=user.suspended_until if suspended else None,
        hide_content=suspended and user.suspension_hides,
        warning_count=user.warning_count,
        post_count=user.post_count,
    )


class ManagedUserUpdate(RequestModel):
    """The changes. Fields that aren't sent stay as they are."""

    role: AssignableRole | None = None
    status: UserStatus | None = Field(
        default=None, description="Whether the user is suspended", examples=["suspended"]
    )
    reason: Annotated[str, Paragraphs(0, REASON_LENGTH)] = ""
    until: Moment | None = Field(
        default=None,
        description="When a suspension ends automatically; must be in the future. Without it a "
        "running suspension keeps its end, and a new one is permanent",
    )
    permanent: StrictBool | None = Field(
        default=None,
        description="`true` removes the end of a running suspension. Not together with `until`",
        examples=[False],
    )
    hide_content: StrictBool | None = Field(
        default=None,
        description="Whether the suspension hides all posts and comments; they are unhidden when "
        "it ends",
    )


@dataclass
class ModerationDecision:
    """Who decided last that a post or comment is hidden or visible, and why.

    All null if nobody did, also while it is held, or hidden with its author's other content.
    """

    moderation_reason: Annotated[str | None, Field(description="The reason that staff gave")]
    moderated_by: Annotated[Author | None, Field(description="Who hid, unhid or released it")]
    moderated_at: Annotated[datetime | None, Field(description="When that was decided")]


@dataclass
class ModeratedPost(ManagedPost, ModerationDecision):
    """A post as staff see it, and the last decision about it."""


@dataclass
class ModeratedComment(ManagedComment, ModerationDecision):
    """A comment as staff see it, and the last decision about it."""


class LoungeCreate(RequestModel):
    name: LoungeName
    description: LoungeDescription


class LoungeUpdate(RequestModel):
    """The changes. Fields that aren't sent stay as they are."""

    name: LoungeName | None = None
    description: LoungeDescription | None = None


class BannedWordsUpdate(RequestModel):
    """The whole list. Without `exceptions` the exceptions stay as they are."""

    words: ListedWords
    exceptions: ListedWords | None = None


class HeldContent(ResponseModel):
    """A post or comment held for review. Only its author can see it; `restore` releases it."""

    type: HeldKind
    id: UUID
    author: Author
    title: str | None
    body: str
    picture_held: bool = Field(
        description="Whether an image in it is held by the operator's check", examples=[False]
    )
    created_at: datetime


class AuditEntry(ResponseModel):
    """One action. `before` and `after` hold what it changed."""

    id: UUID
    actor: Author
    action: str = Field(examples=["post.hidden"])
    target_type: Annotated[str, ShownAs(TargetType)]
    target_id: UUID
    target_name: str | None = Field(description="The target's current name; null if it has none")
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]
    address: str = Field(
        description="The actor's IP address; empty if a moderator reads the log. For an action at "
        "the server's terminal, who acted"
    )
    created_at: datetime
