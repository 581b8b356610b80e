"""The flags of notifications, by which the release before tells what is out of sight (ADR 0109).

This release neither reads nor writes them, so its models don't have them.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Uuid,
    and_,
    bindparam,
    case,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.comment.models import Comment
from app.comment.models import present_for as comment_present_for
from app.core.db import Repository
from app.inbox.repository.sight import quoting_params, shown_marks, with_subjects
from app.notification.enums import ABOUT_COMMENTS, ABOUT_POSTS, MESSAGES, NotificationType
from app.notification.models import Notification
from app.notification.writes import BATCH
from app.post.models import Post, not_muted, present_for

_FLAGS = table(
    "notifications",
    column("id", Uuid),
    column("post_gone", Boolean),
    column("comment_gone", Boolean),
    column("post_muted", Boolean),
    column("params", JSONB),
)
KNOWN_BEFORE = (
    *(NotificationType.COMMENT, NotificationType.REPLY),
    *(NotificationType.LOUNGE_REQUEST_APPROVED, NotificationType.LOUNGE_REQUEST_REJECTED),
    *(NotificationType.MODERATION, NotificationType.REPORT_RESOLVED),
)
"""The types of 0.1.0. It has no title for another, and answers 500 to a list that has one."""

_READER = Notification.user_id.expression


def _right() -> Any:
    """What the flags and the words should be, by the predicates that this release asks."""
    about_post = Notification.type.in_(ABOUT_POSTS)
    about_comment = Notification.type.in_(ABOUT_COMMENTS)
    post_is_there = _is_so(present_for(_READER))
    comment_is_there = _is_so(and_(Comment.deleted_at.is_(None), comment_present_for(_READER)))
    comment_is_deleted = and_(about_comment, _is_so(Comment.deleted_at.is_not(None)))
    is_deleted = or_(_is_so(Post.deleted_at.is_not(None)), comment_is_deleted)
    words = case(
        (Notification.type.in_(MESSAGES), Notification.params.concat(shown_marks())),
        (and_(about_post, is_deleted), literal_column("'{}'::jsonb", JSONB)),
        else_=quoting_params(),
    )
    return with_subjects(
        select(
            Notification.id,
            or_(and_(about_post, ~post_is_there), Notification.type.not_in(KNOWN_BEFORE)).label(
                "post_gone"
            ),
            and_(about_comment, ~comment_is_there).label("comment_gone"),
            and_(about_post, ~not_muted(_READER)).label("post_muted"),
            words.label("params"),
        )
    ).where(Notification.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))


def _is_so(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.coalesce(condition, false())


def _filled() -> Any:
    right = _right().subquery("right")
    values = {name: right.c[name] for name in ("post_gone", "comment_gone", "post_muted", "params")}
    is_other = or_(*(_FLAGS.c[name].is_distinct_from(value) for name, value in values.items()))
    return (
        update(_FLAGS)
        .where(_FLAGS.c.id == right.c.id, is_other)
        .values(values)
        .returning(_FLAGS.c.id)
    )


class FlagRepository(Repository):
    async def lock_some(self, after_id: UUID) -> Sequence[UUID]:
        """Lock a batch of all notifications, in the order of their ids."""
        batch = select(Notification.id).where(Notification.id > after_id)
        locked = batch.order_by(Notification.id).limit(BATCH).with_for_update(key_share=True)
        return await self._db.all(locked)

    async def fill(self, ids: Sequence[UUID]) -> int:
        """Set the flags and words of notifications that are locked. Returns how many it changed."""
        return len(await self._db.all(_filled(), ids=ids))
