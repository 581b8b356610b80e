"""Writing a post in two statements: the guard, and the write (ADR 0053)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
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
    or_,
    select,
    true,
)
from sqlalchemy import cast as sql_cast

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
from app.core.sql.rows import Query, values_of
from app.core.sql.writes import insert_from, table_of
from app.image.writes import attached, free_pictures, taken_pictures
from app.jobs.enqueue import enqueued, job_params
from app.live_log.changes import Kind
from app.live_log.writing import change, logged
from app.lounge.models import Lounge
from app.lounge.writes import counted_in_lounge, has_subscriber, open_lounge
from app.post.enums import Moderation
from app.post.models import Post, PostImage, PostSearchText
from app.post.rows import (
    NOTIFY_LOUNGE,
    LoungeFanOut,
    NewPost,
    PostGuard,
    search_text,
)
from app.runtime.context import Origin
from app.screening.models import ListVersion
from app.user.models import caller_params, writing_caller
from app.user.policy import Viewer
from app.user.writes import caller_columns, counted_for_author, present_caller, unchanged_author

_POSTS = table_of(Post)

_VIEWER = bindparam("viewer_id", type_=Uuid)
_POST_ID = bindparam("post_id", type_=Uuid)
_LOUNGE_ID = bindparam("lounge_id", type_=Uuid)
_IMAGE_IDS = bindparam("image_ids", type_=ARRAY(Uuid))
_MODERATION = bindparam("moderation", type_=Text)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_AUTHOR_VERSION = bindparam("author_version", type_=Text)

_IS_VISIBLE = _MODERATION == Moderation.VISIBLE


def _guard() -> AnySelect:
    """Reads what the decision needs. It locks nothing."""
    kept, caller = kept_before(), present_caller()
    images = free_pictures(_VIEWER, _IMAGE_IDS)
    return select(
        *kept_columns(kept),
        *caller_columns(caller),
        caller.c.version.label("author_version"),
        select(ListVersion.version).scalar_subquery().label("words_version"),
        Lounge.id.label("lounge_id"),
        Lounge.name.label("lounge_name"),
        Lounge.closed_at.is_not(None).label("is_closed"),
        has_subscriber(_LOUNGE_ID, _VIEWER).label("has_subscriber"),
        images.c.number.label("free_images"),
        images.c.shown.label("images"),
        images.c.need_review.label("needs_review"),
        func.uuidv7().label("post_id"),
        func.clock_timestamp().label("now"),
    ).select_from(
        images.outerjoin(kept, true())
        .outerjoin(caller, true())
        .outerjoin(Lounge, Lounge.id == _LOUNGE_ID)
    )


def _write(*, notifies: bool) -> AnySelect:
    """Writes the post with all that belongs to it, or nothing.

    `notifies` enqueues the job that notifies the lounge's subscribers. It is another statement,
    because each INSERT costs time even if it inserts nothing.

    What can have changed since the guard is asked once more, under locks: the caller, the lounge,
    the images, and the row of an author whose account is new. The counts come last.
    """
    lock, writer = key_lock(), writing_caller()
    # So the locks on the key and on the caller's presence come before those on rows.
    may_write = and_(exists(select(lock).where(lock.c.is_free)), exists(select(writer.c.id)))
    images = taken_pictures(_VIEWER, _IMAGE_IDS, may_write)
    post = _added(_allowed(images, may_write))
    payload = bindparam("fan_out", type_=LargeBinary).label("payload")
    jobs = enqueued(select(payload).select_from(post).cte("fan_out")) if notifies else ()
    counted = counted_for_author(post, _VIEWER, sql_cast(_IS_VISIBLE, Integer))
    is_written = exists(select(post.c.id)).label("is_written")
    return select(lock.c.is_free, is_written).add_cte(
        kept_answer(post),
        _made_searchable(post),
        record(post, RecordedAct.CREATED, Subject.POST, _POST_ID, _VIEWER),
        attached(images, post),
        _attached(images, post),
        *jobs,
        _published(post),
        counted,
        counted_in_lounge(counted, _LOUNGE_ID, _NOW, _IS_VISIBLE),
    )


def _allowed(images: CTE, may_write: ColumnElement[bool]) -> CTE:
    """A row if the post may be written: in an open lounge, with images that are all free.

    One that needs a review by now is not for a visible post: an admin has taken a release back.
    """
    lounge = open_lounge(_LOUNGE_ID, may_write)
    unchanged = unchanged_author(_VIEWER, _AUTHOR_VERSION, may_write)
    is_usable = or_(~_IS_VISIBLE, ~images.c.needs_review)
    usable = select(func.count()).select_from(images).where(is_usable).scalar_subquery()
    return (
        select(lounge.c.id)
        .where(
            usable == func.cardinality(_IMAGE_IDS),
            or_(_AUTHOR_VERSION.is_(None), exists(select(unchanged.c.id))),
        )
        .cte("allowed")
    )


def _added(allowed: CTE) -> CTE:
    row = {
        "id": _POST_ID,
        "lounge_id": _LOUNGE_ID,
        "author_id": _VIEWER,
        "title": bindparam("title", type_=Text),
        "body": bindparam("body", type_=Text),
        "moderation": _MODERATION,
        "created_at": _NOW,
        "updated_at": _NOW,
    }
    added = insert_from(_POSTS, row, select().select_from(allowed))
    return added.returning(_POSTS.c.id).cte("post")


def _made_searchable(post: CTE) -> CTE:
    row = {
        "post_id": _POST_ID,
        "lounge_id": _LOUNGE_ID,
        "search_text": bindparam("search_text", type_=Text),
    }
    texts = table_of(PostSearchText)
    added = insert_from(texts, row, select().select_from(post))
    return added.returning(texts.c.post_id).cte("made_searchable")


def _attached(images: CTE, post: CTE) -> CTE:
    row = {"post_id": _POST_ID, "position": images.c.position, "image_id": images.c.id}
    places = table_of(PostImage)
    rows = select().select_from(images).where(exists(select(post)))
    return insert_from(places, row, rows).returning(places.c.image_id).cte("placed_images")


def _published(post: CTE) -> CTE:
    only_for = case((~_IS_VISIBLE, _VIEWER))
    topics = (_POST_ID, _LOUNGE_ID)
    return logged(
        *(change(post, topic, Kind.POST, _POST_ID, only_for=only_for) for topic in topics)
    )


_GUARD = Query(PostGuard, _guard())
_WRITE = Query(WriteResult, _write(notifies=False))
_WRITE_AND_NOTIFY = Query(WriteResult, _write(notifies=True))
_WRITTEN_SINCE = values_of(
    datetime, select(Post.created_at).where(Post.author_id == _VIEWER, Post.created_at > _NOW)
)


class PostWriter(Repository):
    """Each statement stands on its own: no transaction holds them together."""

    async def guard(
        self,
        viewer: Viewer,
        lounge_id: UUID,
        image_ids: Sequence[UUID],
        started_after: datetime,
        keyed: KeyedRequest | None,
        now: datetime,
    ) -> PostGuard:
        """What is known before a post is written."""
        found = await self._db.first(
            _GUARD,
            viewer_id=viewer.user_id,
            session_id=viewer.session_id,
            started_after=started_after,
            lounge_id=lounge_id,
            image_ids=image_ids,
            **kept_params(keyed, now),
        )
        assert found is not None
        return found

    async def times_since(self, author_id: UUID | None, moment: datetime) -> Sequence[datetime]:
        """When a user has written posts since a moment, deleted ones included. In no order."""
        return await self._db.all(_WRITTEN_SINCE, viewer_id=author_id, now=moment)

    async def write(
        self,
        viewer: Viewer,
        new: NewPost,
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
            "post_id": row.id,
            "lounge_id": row.lounge.id,
            "image_ids": new.image_ids,
            "author_version": new.author_version,
            "title": row.title,
            "body": row.body,
            "search_text": search_text(row.title, row.body),
            "moderation": row.moderation,
            "now": row.created_at,
            **caller_params(viewer.user_id, viewer.session_id),
            **record_params(origin),
        }
        if not new.notifies:
            return await write_once(self._db, _WRITE, params, keyed, answer, now)
        params |= {
            "fan_out": to_json(LoungeFanOut(row.id, FIRST_ID)),
            **job_params(NOTIFY_LOUNGE),
        }
        written = await write_once(self._db, _WRITE_AND_NOTIFY, params, keyed, answer, now)
        if written:
            self._db.has_enqueued = True
        return written
