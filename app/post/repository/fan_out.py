"""Notifying the subscribers of a lounge of a new post, a batch at a time (ADR 0078)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    ScalarSelect,
    Text,
    Uuid,
    bindparam,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import JSONB

from app.core.database import AnySelect
from app.core.db import Repository
from app.core.json import to_json
from app.core.sql.rows import Query
from app.jobs.enqueue import job_params
from app.live_log.writing import logged
from app.lounge.models import Lounge
from app.lounge.writes import due_pushes, pushes_begun, pushes_settled, subscribers
from app.notification.enums import NotificationType
from app.notification.models import Notification, is_unread
from app.notification.rows import SEND_PUSH, NotifiedBatch
from app.notification.writes import (
    NOTIFICATION_BATCH_ROWS,
    bulk_pushes,
    end_of,
    notification_changes,
    notified,
    pushable,
    recipients_of,
)
from app.post.enums import Moderation
from app.post.models import Post, not_muted, readable_by, unmuted_by
from app.post.rows import FanOutPost
from app.user.models import User

_POST_ID = bindparam("post_id", type_=Uuid)
_LOUNGE_ID = bindparam("lounge_id", type_=Uuid)
_AUTHOR_ID = bindparam("author_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)
_IS_VISIBLE = bindparam("is_visible", type_=Boolean)
_NOW = bindparam("now", type_=DateTime(timezone=True))

_LOCKED = Query(
    FanOutPost,
    select(
        Post.author_id,
        Post.lounge_id,
        Lounge.name.label("lounge_name"),
        (Post.moderation == Moderation.VISIBLE).label("is_visible"),
        (Post.moderation == Moderation.HELD).label("is_held"),
    )
    .join(Lounge, Lounge.id == Post.lounge_id)
    .where(Post.id == _POST_ID, Post.deleted_at.is_(None))
    # Against deleting and moderating, which lock the whole row. Comments and likes do not wait.
    .with_for_update(of=Post, read=True, key_share=True),
)


def _fan_out() -> AnySelect:
    """Notifies a batch of subscribers, and enqueues the pushes that are allowed now."""
    batch = subscribers(_LOUNGE_ID, _AFTER_ID, NOTIFICATION_BATCH_ROWS)
    reader = User.id.expression
    recipients = recipients_of(batch, _AUTHOR_ID, unmuted_by(reader, _POST_ID))
    added = notified(
        recipients,
        {
            "type": literal(NotificationType.LOUNGE_POST.value, Text),
            "actor_id": _AUTHOR_ID,
            "post_author_id": _AUTHOR_ID,
            "post_id": _POST_ID,
            "lounge_id": _LOUNGE_ID,
            "params": sql_cast(bindparam("notification_params", type_=Text), JSONB),
        },
    )
    ready = pushable(added, NotificationType.LOUNGE_POST, _IS_VISIBLE)
    pushes = bulk_pushes(pushes_begun(ready, _LOUNGE_ID, _NOW))
    return end_of(batch).add_cte(*pushes, logged(notification_changes(added)))


def _newest_post_since(
    user_id: ColumnElement[UUID], lounge_id: ColumnElement[UUID], since_id: ColumnElement[UUID]
) -> ScalarSelect[UUID]:
    """The newest of a user's unread notifications of posts in a lounge; NULL if there is none."""
    owner = Notification.user_id.expression
    newest = (
        select(Notification.id)
        .join(Post, Post.id == Notification.post_id)
        .where(
            Notification.user_id == user_id,
            Notification.type == NotificationType.LOUNGE_POST,
            Notification.lounge_id == lounge_id,
            Notification.id > since_id,
            readable_by(owner),
            not_muted(owner),
            is_unread(owner),
        )
        .order_by(Notification.id.desc())
        .limit(literal_column("1"))
    )
    return newest.correlate_except(Notification, Post).scalar_subquery()


def _push_due() -> AnySelect:
    """Enqueues the pushes that say how many posts came: a batch of those whose hour is over."""
    due = due_pushes(_NOW, NOTIFICATION_BATCH_ROWS)
    newest = _newest_post_since(due.c.user_id, due.c.lounge_id, due.c.pushed_id)
    found = select(
        due.c.user_id, due.c.lounge_id, due.c.pushed_id.label("since_id"), newest.label("id")
    ).cte("found")
    to_push = select(found.c.id, found.c.since_id).where(found.c.id.is_not(None)).cte("to_push")
    return (
        select(func.count().label("users"), literal(None, Uuid).label("last_id"))
        .select_from(due)
        .add_cte(pushes_settled(found, _NOW), *bulk_pushes(to_push))
    )


_FAN_OUT = Query(NotifiedBatch, _fan_out())
_PUSH_DUE = Query(NotifiedBatch, _push_due())


class PostFanOutRepository(Repository):
    async def find_author(self, post_id: UUID) -> UUID | None:
        return await self._db.first(select(Post.author_id).where(Post.id == post_id))

    async def lock(self, post_id: UUID) -> FanOutPost | None:
        """Lock a post against deleting and moderating. None if it is deleted."""
        return await self._db.first(_LOCKED, post_id=post_id)

    async def notify(
        self, post_id: UUID, post: FanOutPost, after_id: UUID, now: datetime
    ) -> NotifiedBatch:
        """Notify the next subscribers of a post that is locked."""
        found = await self._db.first(
            _FAN_OUT,
            post_id=post_id,
            lounge_id=post.lounge_id,
            author_id=post.author_id,
            after_id=after_id,
            is_visible=post.is_visible,
            notification_params=to_json({"lounge": post.lounge_name}).decode(),
            now=now,
            **job_params(SEND_PUSH, "push"),
        )
        self._db.has_enqueued = True
        assert found is not None
        return found

    async def push_due(self, now: datetime) -> int:
        """Enqueue a batch of the pushes that are due. Returns how many were due."""
        found = await self._db.first(_PUSH_DUE, now=now, **job_params(SEND_PUSH, "push"))
        self._db.has_enqueued = True
        return found.users if found else 0
