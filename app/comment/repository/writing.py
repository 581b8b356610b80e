"""Writing a comment in two statements: the guard, and the write (ADR 0053)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CTE,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import array

from app.comment.models import Comment, visible_to
from app.comment.rows import (
    NOTIFY_WATCHERS,
    CommentGuard,
    NewComment,
    WatchersFanOut,
)
from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.writes import record, record_params
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.idempotency import (
    Answer,
    KeyedRequest,
    WriteResult,
    kept_answer,
    kept_before,
    kept_columns,
    kept_params,
    key_lock,
    write_once,
)
from app.core.json import to_json
from app.core.keyset import FIRST_ID
from app.core.sql.rows import Query
from app.core.sql.writes import insert_from, table_of
from app.jobs.enqueue import enqueued, job_params
from app.live_log.changes import Kind
from app.live_log.writing import change, logged
from app.lounge.models import Lounge
from app.notification.writes import (
    NO_PARAMS,
    notification_changes,
    notifications_written,
    prepared_params,
)
from app.post.enums import Moderation
from app.post.models import Post
from app.post.models import visible_to as post_visible_to
from app.post.writes import comment_counted, has_watcher, wants_notifications
from app.runtime.context import Origin
from app.screening.models import ListVersion
from app.user.models import User, caller_params, writing_caller
from app.user.policy import Viewer
from app.user.writes import caller_columns, present_caller

_COMMENTS = table_of(Comment)

_VIEWER = bindparam("viewer_id", type_=Uuid)
_POST_ID = bindparam("post_id", type_=Uuid)
_PARENT_ID = bindparam("parent_id", type_=Uuid)
_COMMENT_ID = bindparam("comment_id", type_=Uuid)
_LOUNGE_ID = bindparam("lounge_id", type_=Uuid)
_MODERATION = bindparam("moderation", type_=Text)
_NOW = bindparam("now", type_=DateTime(timezone=True))

_IS_VISIBLE = _MODERATION == Moderation.VISIBLE
# A held comment takes no replies, not even its author's: other users could not find the reply.
_TAKES_REPLIES = and_(
    Comment.id == _PARENT_ID,
    Comment.post_id == _POST_ID,
    Comment.parent_id.is_(None),
    Comment.deleted_at.is_(None),
    Comment.moderation == Moderation.VISIBLE,
    visible_to(_VIEWER),
)


def _guard() -> AnySelect:
    """Reads what the decision needs. It locks nothing."""
    kept, caller = kept_before(), present_caller()
    watched = and_(_PARENT_ID.is_(None), has_watcher(_POST_ID, _VIEWER, Post.author_id.expression))
    post = (
        select(
            Post.author_id,
            Post.lounge_id,
            Lounge.closed_at.is_not(None).label("is_closed"),
            watched.label("has_watcher"),
        )
        .join(Lounge, Lounge.id == Post.lounge_id)
        .where(Post.id == _POST_ID, post_visible_to(_VIEWER))
        .subquery("post")
    )
    parent = select(Comment.author_id).where(_TAKES_REPLIES).subquery("parent")
    # Gives a row even if nothing else is found.
    anyway = select(literal(1).label("row")).subquery("anyway")
    return select(
        *kept_columns(kept),
        *caller_columns(caller),
        select(ListVersion.version).scalar_subquery().label("words_version"),
        post.c.author_id.label("post_author_id"),
        post.c.lounge_id.label("post_lounge_id"),
        post.c.is_closed,
        post.c.has_watcher,
        parent.c.author_id.label("parent_author_id"),
        func.uuidv7().label("comment_id"),
        array([func.uuidv7(), func.uuidv7()], type_=Uuid).label("notification_ids"),
        func.clock_timestamp().label("now"),
    ).select_from(
        anyway.outerjoin(kept, true())
        .outerjoin(caller, true())
        .outerjoin(post, true())
        .outerjoin(parent, true())
    )


def _write(*, notifies_watchers: bool) -> AnySelect:
    """Writes the comment with all that belongs to it, or nothing.

    `notifies_watchers` enqueues the job that does. It is another statement, because each INSERT
    costs time even if it inserts nothing.

    What can have changed since the guard is asked once more, under locks that are taken in the
    order of all other code: the caller, the parent, the post. Each part below is for the row that
    the post gives, so without it nothing is written.
    """
    lock, writer = key_lock(), writing_caller()
    parent = (
        select(Comment.id)
        .where(_TAKES_REPLIES, exists(select(writer.c.id)))
        .with_for_update(key_share=True)
        .cte("parent")
    )
    post = comment_counted(
        _POST_ID,
        _LOUNGE_ID,
        _VIEWER,
        sql_cast(_IS_VISIBLE, Integer),
        exists(select(lock).where(lock.c.is_free)),
        exists(select(writer.c.id)),
        or_(_PARENT_ID.is_(None), exists(select(parent.c.id))),
    )
    written = exists(select(post.c.id)).label("is_written")
    payload = bindparam("fan_out", type_=LargeBinary).label("payload")
    fan_out = select(payload).select_from(post).cte("fan_out")
    notification, *pushes = _notified(post)
    return select(lock.c.is_free, written).add_cte(
        _added(post),
        kept_answer(post),
        record(post, RecordedAct.CREATED, Subject.COMMENT, _COMMENT_ID, _VIEWER),
        *(notification, *pushes),
        *(enqueued(fan_out, "fan_out_job") if notifies_watchers else ()),
        _reply_counted(post),
        _published(post, notification),
    )


def _added(post: CTE) -> CTE:
    row = {
        "id": _COMMENT_ID,
        "post_id": _POST_ID,
        "parent_id": _PARENT_ID,
        "author_id": _VIEWER,
        "body": bindparam("body", type_=Text),
        "moderation": _MODERATION,
        "created_at": _NOW,
        "updated_at": _NOW,
    }
    added = insert_from(_COMMENTS, row, select().select_from(post))
    return added.returning(_COMMENTS.c.id).cte("comment")


def _notified(post: CTE) -> tuple[CTE, ...]:
    what = {
        "post_author_id": post.c.author_id,
        "post_id": _POST_ID,
        "comment_id": _COMMENT_ID,
        "parent_id": _PARENT_ID,
        "lounge_id": _LOUNGE_ID,
        "params": NO_PARAMS,
    }
    return notifications_written(post, what, _VIEWER, wants_notifications(post, User.id.expression))


def _reply_counted(post: CTE) -> CTE:
    return (
        update(_COMMENTS)
        .where(_COMMENTS.c.id == _PARENT_ID, exists(select(post.c.id)), _IS_VISIBLE)
        .values(reply_count=_COMMENTS.c.reply_count + 1)
        .returning(_COMMENTS.c.id)
        .cte("reply_counted")
    )


def _published(post: CTE, notification: CTE) -> CTE:
    """The comment, the counts of its parent and its post, and the notifications.

    Of a held comment only its author learns, and of comments on a held post only the post's author.
    """
    of_held_post = case((post.c.moderation == Moderation.HELD, post.c.author_id))
    only_for = case((~_IS_VISIBLE, _VIEWER), else_=of_held_post)
    return logged(
        change(post, _POST_ID, Kind.COMMENT, _COMMENT_ID, only_for=only_for),
        change(post, _POST_ID, Kind.COMMENT, _PARENT_ID, _PARENT_ID.is_not(None), _IS_VISIBLE),
        change(post, _POST_ID, Kind.POST, _POST_ID, _IS_VISIBLE, only_for=of_held_post),
        notification_changes(notification),
    )


_GUARD = Query(CommentGuard, _guard())
_WRITE = Query(WriteResult, _write(notifies_watchers=False))
_WRITE_AND_NOTIFY = Query(WriteResult, _write(notifies_watchers=True))


class CommentWriter(Repository):
    """Both statements stand on their own: no transaction holds them together."""

    async def guard(
        self,
        viewer: Viewer,
        post_id: UUID,
        parent_id: UUID | None,
        started_after: datetime,
        keyed: KeyedRequest | None,
        now: datetime,
    ) -> CommentGuard:
        """What is known before a comment is written."""
        found = await self._db.first(
            _GUARD,
            viewer_id=viewer.user_id,
            session_id=viewer.session_id,
            started_after=started_after,
            post_id=post_id,
            parent_id=parent_id,
            **kept_params(keyed, now),
        )
        assert found is not None
        return found

    async def write(
        self,
        viewer: Viewer,
        new: NewComment,
        origin: Origin | None,
        keyed: KeyedRequest | None,
        answer: Answer,
        now: datetime,
    ) -> bool:
        """Returns False if something has changed since the guard; then nothing is written.

        Raises IdempotencyInProgress.
        """
        row = new.row
        params = {
            "post_id": row.post_id,
            "parent_id": row.parent_id,
            "comment_id": row.id,
            "lounge_id": new.post.lounge_id,
            "moderation": row.moderation,
            "body": row.body,
            "now": row.created_at,
            **caller_params(viewer.user_id, viewer.session_id),
            **prepared_params(new.notifications),
            **record_params(origin),
        }
        write = _WRITE
        if new.notifies_watchers:
            write = _WRITE_AND_NOTIFY
            params["fan_out"] = to_json(WatchersFanOut(row.id, FIRST_ID))
            params |= job_params(NOTIFY_WATCHERS, "fan_out_job")
        written = await write_once(self._db, write, params, keyed, answer, now)
        if written and (new.notifications or new.notifies_watchers):
            self._db.has_enqueued = True
        return written
