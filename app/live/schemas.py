"""What clients get of live changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.core.schemas import ResponseModel, ShownAs
from app.live.enums import ChangeKind, ReloadScope, ResetReason
from app.live.rows import ChangeItem


class ReloadTarget(ResponseModel):
    """The `put` of a `reload`: what to load again. If it is absent, that is everything."""

    scope: ReloadScope = Field(
        description="`all`: all lists. `notifications`: the list of notifications. `post`: the "
        "post `post_id` with its comments, the lists that it may be in, and the list of "
        "notifications. A scope that a client does not know means `all`"
    )
    post_id: UUID | None = Field(default=None, description="For `post` alone")


class Change(ResponseModel):
    """Something that changed, as the caller sees it now. It has one of `put`, `gone`, `unread`, or,
    for a `reload` of everything, perhaps none.
    """

    topic: str = Field(description="`me`, `post:{id}` or `lounge:{id}`")
    kind: ChangeKind
    id: UUID | None = Field(
        default=None, description="Of what changed. Absent for `badge` and `reload`"
    )
    put: dict[str, Any] | None = Field(
        default=None,
        description="The Post, Comment, Lounge or Notification as its GET shows it to the caller, "
        "without what their schemas mark `x-of-reader`, which stays as it was. Of a `mark` the "
        "caller's own fields alone, and `thing`: `post` or `lounge`. Of a `reload` a "
        "`ReloadTarget`",
    )
    gone: bool | None = Field(
        default=None,
        description="True for what the caller does not see, or no longer. A post or comment takes "
        "along what hangs below it, an author all that they wrote",
    )
    unread: int | None = Field(
        default=None, description="For `badge`: how many notifications are unread, up to 999"
    )
    more: bool | None = Field(
        default=None, description="For `badge`: whether there are more than `unread`"
    )


@dataclass
class Reset:
    """What can't be reported change by change. Reload the lists, and continue from the cursor."""

    reason: ResetReason
    topics: Annotated[
        Sequence[str] | None, Field(description="The topics that it concerns; null for all")
    ]


@dataclass
class Changes:
    """What changed since a cursor."""

    cursor: Annotated[str, Field(description="For the next call, or for `Last-Event-ID`")]
    as_of: Annotated[str, Field(description="Everything in `changes` is as it was then, or newer")]
    changes: Annotated[
        Sequence[ChangeItem],
        ShownAs(list[Change]),
        Field(
            description="The latest state of each thing that changed, in the order of the log",
            examples=[[{"topic": "me", "kind": "badge", "unread": 3, "more": False}]],
        ),
    ]
    more: Annotated[bool, Field(description="Whether to ask again at once, from this cursor")]
    reset: Annotated[
        Reset | None,
        Field(description="Null if `changes` is complete as far as `cursor`", examples=[None]),
    ]
