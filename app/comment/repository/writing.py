"""Writing a comment in two statements: the guard, and the write (ADR 0053)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.comment.models import Comment, visible_to
from app.comment.rows import Guard, NewComment, excerpt, guard
from app.core.advisory_locks import lock_key
from app.core.database import AnySelect
from app.core.database_session import note_enqueued
from app.core.idempotency import (
    Answer,
    KeyedRequest,
    answer_params,
    kept_answer,
    key_params,
    key_state,
)
from app.core.json import to_json
from app.core.rows import Query, values_of
from app.core.writes import insert_from, table_of
from app.lounge.models import Lounge
from app.notification.writes import notice_params, notices
from app.post.enums import Moderation
from app.post.models import Post, mute_lock, not_muted
from app.post.models import visible_to as post_visible_to
from app.post.writes import comment_counted, open_post
from app.record.enums import Act, Subject
from app.record.writes import record, record_params
from app.runtime.context import Origin
from app.screening.models import ListVersion
from app.user.models import User, presence
from app.user.rows import avatar_url

_COMMENTS = table_of(Comment)

_VIEWER = bindparam("viewer_id", type_=Uuid)
_POST_ID = bindparam("post_id", type_=Uuid)
_PARENT_ID = bindparam("parent_id", type_=Uuid)
_COMMENT_ID = bindparam("comment_id", type_=Uuid)
_LOUNGE_ID = bindparam("lounge_id", type_=Uuid)
_MODERATION = bindparam("moderation", type_=Text)
_NOW = bindparam("now", type_=DateTime(timezone=True))

_IS_PRESENT = and_(User.id == _VIEWER, User.left_at.is_(None))
# A held comment takes no replies, not even its author's: other users could not find the reply.
_TAKES_REPLIES = and_(
    Comment.id == _PARENT_ID,
    Comment.post_id == _POST_ID,
    Comment.parent_id.is_(None),
    Comment.deleted_at.is_(None),
    Comment.moderation == Moderation.VISIBLE,
    visible_to(_VIEWER),
)
_lock = func.pg_advisory_xact_lock_shared
"""Until the transaction ends. Nothing reads the column; that PostgreSQL computes it is enough."""


def _guard() -> AnySelect:
    """Reads what the decision needs, and takes the locks that the write must not be older than.

    A statement sees the state from before it waited for a lock. So what the locks protect is read
    by the write: that the author is here, and who mutes the post.
    """
    key, author, topic = key_state(), _author(), _topic()
    parent = _parent(topic)
    return select(
        *(key.c.is_free, key.c.fingerprint, key.c.status, key.c.location),
        key.c.body.label("kept_body"),
        author.c.id.label("viewer_id"),
        *(author.c.nickname, author.c.avatar_url, author.c.member_since),
        select(ListVersion.version).scalar_subquery().label("words_version"),
        topic.c.author_id.label("topic_author_id"),
        topic.c.title.label("topic_title"),
        topic.c.lounge_id.label("topic_lounge_id"),
        topic.c.is_closed,
        parent.c.author_id.label("parent_author_id"),
        func.uuidv7().label("comment_id"),
        func.uuidv7().label("notice_id"),
        func.uuidv7().label("other_notice_id"),
        func.clock_timestamp().label("now"),
    ).select_from(key.outerjoin(author, true()).outerjoin(topic, true()).outerjoin(parent, true()))


def _author() -> CTE:
    """Who writes. They can't leave before the transaction ends (ADR 0036)."""
    return (
        select(
            User.id,
            User.nickname,
            avatar_url(),
            User.created_at.label("member_since"),
            _lock(bindparam("presence_lock", type_=BigInteger)).label("locked"),
        )
        .where(_IS_PRESENT)
        .cte("author")
    )


def _topic() -> CTE:
    """The post, if the author sees it. Its own author can't mute it before the transaction ends."""
    return (
        select(
            Post.author_id,
            Post.title,
            Post.lounge_id,
            Lounge.closed_at.is_not(None).label("is_closed"),
            _lock(mute_lock(Post.author_id.expression, _POST_ID)).label("locked"),
        )
        .join(Lounge, Lounge.id == Post.lounge_id)
        .where(Post.id == _POST_ID, post_visible_to(_VIEWER))
        .cte("topic")
    )


def _parent(topic: CTE) -> CTE:
    """The comment to reply to. Its author can't mute the post before the transaction ends."""
    return (
        select(
            Comment.author_id,
            _lock(mute_lock(Comment.author_id.expression, _POST_ID)).label("locked"),
        )
        .where(_TAKES_REPLIES, exists(select(topic.c.author_id)))
        .cte("parent")
    )


def _write() -> AnySelect:
    """Writes the comment with all that belongs to it, or nothing.

    What can have changed since the guard is asked once more, of rows that are locked: first the
    parent, then the post, as everywhere. It gives no row if it wrote nothing.
    """
    parent = select(Comment.id).where(_TAKES_REPLIES).with_for_update(key_share=True).cte("parent")
    post = open_post(
        _POST_ID,
        _LOUNGE_ID,
        _VIEWER,
        exists(select(User.id).where(_IS_PRESENT)),
        or_(_PARENT_ID.is_(None), exists(select(parent.c.id))),
    )
    kept, may_write = kept_answer(post)
    comment = _added(post, may_write)
    is_visible = _MODERATION == Moderation.VISIBLE
    return select(comment.c.id).add_cte(
        kept,
        record(comment, Act.CREATED, Subject.COMMENT, _COMMENT_ID, _VIEWER),
        *_noticed(comment),
        _reply_counted(comment, is_visible),
        comment_counted(comment, _POST_ID, is_visible),
    )


def _added(post: CTE, may_write: ColumnElement[bool]) -> CTE:
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
    added = insert_from(_COMMENTS, row, select().select_from(post).where(may_write))
    return added.returning(_COMMENTS.c.id).cte("comment")


def _noticed(comment: CTE) -> tuple[CTE, ...]:
    recipient = User.id.expression
    wants = and_(Post.id == _POST_ID, post_visible_to(recipient), not_muted(recipient))
    what = {
        "post_author_id": bindparam("post_author_id", type_=Uuid),
        "post_id": _POST_ID,
        "comment_id": _COMMENT_ID,
        "lounge_id": _LOUNGE_ID,
        "params": sql_cast(bindparam("notice_params", type_=Text), JSONB),
    }
    return notices(comment, what, _VIEWER, Post, wants)


def _reply_counted(comment: CTE, is_visible: ColumnElement[bool]) -> CTE:
    return (
        update(_COMMENTS)
        .where(_COMMENTS.c.id == _PARENT_ID, exists(select(comment)), is_visible)
        .values(reply_count=_COMMENTS.c.reply_count + 1)
        .returning(_COMMENTS.c.id)
        .cte("reply_counted")
    )


_GUARD = Query(guard, _guard(), writes=True)
_WRITE = values_of(UUID, _write(), writes=True)


class CommentWriter:
    """Both statements belong in one transaction: the guard's locks last until it ends."""

    def __init__(self, session: AsyncSession, media_url: str) -> None:
        self._session = session
        self._media_url = media_url

    async def guard(
        self,
        viewer_id: UUID,
        post_id: UUID,
        parent_id: UUID | None,
        keyed: KeyedRequest | None,
        now: datetime,
    ) -> Guard:
        """What is known before a comment is written. Locks no row."""
        found = await _GUARD.first(
            self._session,
            viewer_id=viewer_id,
            post_id=post_id,
            parent_id=parent_id,
            presence_lock=lock_key(presence(viewer_id)),
            media_url=self._media_url,
            **key_params(keyed, now),
        )
        assert found is not None
        return found

    async def write(
        self,
        new: NewComment,
        origin: Origin | None,
        keyed: KeyedRequest | None,
        answer: Answer,
        now: datetime,
    ) -> bool:
        """Returns False if something has changed since the guard; then nothing is written."""
        row = new.row
        written = await _WRITE.first(
            self._session,
            viewer_id=row.author.id,
            post_id=row.post_id,
            parent_id=row.parent_id,
            comment_id=row.id,
            lounge_id=new.topic.lounge_id,
            post_author_id=new.topic.author_id,
            moderation=row.moderation,
            body=row.body,
            now=row.created_at,
            notice_params=to_json(excerpt(new.topic, row.body)).decode(),
            **notice_params(new.notices),
            **record_params(origin),
            **answer_params(keyed, answer, now),
        )
        if written is not None and new.notices:
            note_enqueued(self._session)
        return written is not None
