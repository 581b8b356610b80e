"""Notifying those who watch a post of a new comment, a batch at a time (ADR 0078)."""

from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, and_, bindparam, literal, select

from app.comment.models import Comment
from app.comment.rows import WatchedComment
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.sql.rows import Query, values_of
from app.jobs.enqueue import job_params
from app.live_log.writing import logged
from app.notification.enums import NotificationType
from app.notification.rows import SEND_PUSH, NotifiedBatch
from app.notification.writes import (
    NO_PARAMS,
    NOTIFICATION_BATCH_ROWS,
    bulk_pushes,
    end_of,
    notification_changes,
    notified,
    pushable,
    recipients_of,
)
from app.post.enums import Moderation
from app.post.models import unmuted_by
from app.post.rows import FanOutPost
from app.post.writes import watchers
from app.user.models import User, not_blocked

_COMMENT_ID = bindparam("comment_id", type_=Uuid)
_POST_ID = bindparam("post_id", type_=Uuid)
_AUTHOR_ID = bindparam("author_id", type_=Uuid)
_POST_AUTHOR_ID = bindparam("post_author_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)
_SHOWS_POST = bindparam("shows_post", type_=Boolean)
_SHOWS_COMMENT = bindparam("shows_comment", type_=Boolean)

_IS_THERE = and_(Comment.id == _COMMENT_ID, Comment.deleted_at.is_(None))
_AUTHOR = values_of(UUID, select(Comment.author_id).where(_IS_THERE))
_COMMENT = Query(
    WatchedComment,
    select(
        Comment.author_id,
        Comment.post_id,
        (Comment.moderation == Moderation.VISIBLE).label("is_visible"),
        (Comment.moderation == Moderation.HELD).label("is_held"),
    )
    .where(_IS_THERE)
    .with_for_update(read=True, key_share=True),
)


def _fan_out() -> AnySelect:
    """Notifies a batch of those who watch a post, and enqueues the pushes."""
    batch, reader = watchers(_POST_ID, _AFTER_ID, NOTIFICATION_BATCH_ROWS), User.id.expression
    recipients = recipients_of(
        batch,
        _AUTHOR_ID,
        # The post's author gets `comment`.
        reader != _POST_AUTHOR_ID,
        not_blocked(reader, _POST_AUTHOR_ID),
        unmuted_by(reader, _POST_ID),
    )
    added = notified(
        recipients,
        {
            "type": literal(NotificationType.WATCHED.value, Text),
            "actor_id": _AUTHOR_ID,
            "post_author_id": _POST_AUTHOR_ID,
            "post_id": _POST_ID,
            "comment_id": _COMMENT_ID,
            "lounge_id": bindparam("lounge_id", type_=Uuid),
            "params": NO_PARAMS,
        },
    )
    ready = pushable(added, NotificationType.WATCHED, _SHOWS_POST, _SHOWS_COMMENT)
    published = logged(notification_changes(added))
    return end_of(batch).add_cte(*bulk_pushes(ready), published)


_FAN_OUT = Query(NotifiedBatch, _fan_out())


class CommentFanOutRepository(Repository):
    async def find_author(self, comment_id: UUID) -> UUID | None:
        """None if the comment is deleted."""
        return await self._db.first(_AUTHOR, comment_id=comment_id)

    async def lock(self, comment_id: UUID) -> WatchedComment | None:
        """Lock a comment against deleting and moderating. None if it is deleted."""
        return await self._db.first(_COMMENT, comment_id=comment_id)

    async def notify(
        self, comment_id: UUID, comment: WatchedComment, post: FanOutPost, after_id: UUID
    ) -> NotifiedBatch:
        """Notify the next who watch the post. The comment and the post are locked."""
        found = await self._db.first(
            _FAN_OUT,
            comment_id=comment_id,
            post_id=comment.post_id,
            author_id=comment.author_id,
            post_author_id=post.author_id,
            lounge_id=post.lounge_id,
            after_id=after_id,
            shows_post=post.is_visible,
            shows_comment=comment.is_visible,
            **job_params(SEND_PUSH, "push"),
        )
        self._db.has_enqueued = True
        assert found is not None
        return found
