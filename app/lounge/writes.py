"""What a statement of a higher feature locks and writes in lounges: parts of its WITH."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Integer,
    Update,
    Uuid,
    and_,
    bindparam,
    case,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from app.core.sql.writes import table_of
from app.lounge.enums import NotificationLevel
from app.lounge.models import Lounge, LoungeSubscription

PUSH_PAUSE = timedelta(hours=1)
"""How long after a push the next one of the same lounge comes, for each user."""

_IS_ON = LoungeSubscription.level == literal_column(f"'{NotificationLevel.ALL}'")
"""A literal, so that PostgreSQL uses the partial index."""


def open_lounge(lounge_id: ColumnElement[UUID], *only_if: ColumnElement[bool]) -> CTE:
    """An open lounge, which can't be closed before the transaction ends."""
    return (
        select(Lounge.id)
        .where(Lounge.id == lounge_id, Lounge.closed_at.is_(None), *only_if)
        .with_for_update(read=True, key_share=True)
        .cte("lounge")
    )


def counted_in_lounge(
    source: CTE,
    lounge_id: ColumnElement[UUID],
    posted_at: ColumnElement[datetime],
    *only_if: ColumnElement[bool],
) -> CTE:
    """Adds one post to the count of a lounge, if `source` has a row."""
    lounges = table_of(Lounge)
    return (
        update(lounges)
        .where(lounges.c.id == lounge_id, exists(select(source)), *only_if)
        .values(
            post_count=lounges.c.post_count + 1,
            last_posted_at=func.greatest(lounges.c.last_posted_at, posted_at),
        )
        .returning(lounges.c.id)
        .cte("counted_in_lounge")
    )


def posts_counted(latest: ColumnElement[datetime]) -> Update:
    """Adds `changes` to the counts of posts of `lounge_ids`, and sets when their latest is from.

    Lock the lounges in a statement before it: a post that was being written meanwhile is found.
    """
    lounge_ids, changes = (
        bindparam("lounge_ids", type_=ARRAY(Uuid)),
        bindparam("changes", type_=ARRAY(Integer)),
    )
    given = func.unnest(lounge_ids, changes)
    change = given.table_valued(column("id", Uuid), column("by", Integer)).render_derived()
    return (
        update(Lounge)
        .where(Lounge.id == change.c.id)
        .values(post_count=Lounge.post_count + change.c.by, last_posted_at=latest)
    )


def has_subscriber(
    lounge_id: ColumnElement[UUID], besides: ColumnElement[UUID]
) -> ColumnElement[bool]:
    """Whether anyone besides a user is notified of a lounge's posts."""
    row = LoungeSubscription
    return exists().where(row.lounge_id == lounge_id, _IS_ON, row.user_id != besides)


def subscribers(lounge_id: ColumnElement[UUID], after_id: ColumnElement[UUID], most: int) -> CTE:
    """A batch of the users who are notified of a lounge's posts, in the order of their ids."""
    row = LoungeSubscription
    return (
        select(row.user_id)
        .where(row.lounge_id == lounge_id, _IS_ON, row.user_id > after_id)
        .order_by(row.user_id)
        .limit(literal_column(str(most)))
        .cte("batch")
    )


def pushes_begun(
    notified: CTE, lounge_id: ColumnElement[UUID], now: ColumnElement[datetime]
) -> CTE:
    """Decides for each notification of a post (`id`, `user_id`) whether it is pushed at once.

    It is not within PUSH_PAUSE after the user's latest push of the lounge: then a push is due at
    the end of that pause. Gives the `id` of those that are pushed at once.
    """
    row = table_of(LoungeSubscription)
    is_free = and_(
        row.c.push_due_at.is_(None),
        or_(row.c.pushed_at.is_(None), row.c.pushed_at <= now - PUSH_PAUSE),
    )
    due_at = func.coalesce(row.c.push_due_at, row.c.pushed_at + PUSH_PAUSE)
    changed = (
        update(row)
        .where(row.c.user_id == notified.c.user_id, row.c.lounge_id == lounge_id)
        .values(
            pushed_at=case((is_free, now), else_=row.c.pushed_at),
            pushed_id=case((is_free, notified.c.id), else_=row.c.pushed_id),
            push_due_at=case((~is_free, due_at)),
        )
        .returning(notified.c.id, row.c.pushed_id)
        .cte("turns")
    )
    return select(changed.c.id).where(changed.c.pushed_id == changed.c.id).cte("begun")


def due_pushes(now: ColumnElement[datetime], most: int) -> CTE:
    """A batch of the subscriptions whose next push is due, locked, the longest due first."""
    row = LoungeSubscription
    return (
        select(row.user_id, row.lounge_id, row.pushed_id)
        .where(row.push_due_at <= now)
        .order_by(row.push_due_at)
        .limit(literal_column(str(most)))
        .with_for_update(skip_locked=True)
        .cte("due")
    )


def pushes_settled(found: CTE, now: ColumnElement[datetime]) -> CTE:
    """Notes that due pushes (`user_id`, `lounge_id`) go out, up to the notification `id`.

    One with no `id` has nothing to tell any more: the next post is pushed at once.
    """
    row = table_of(LoungeSubscription)
    has_any = found.c.id.is_not(None)
    return (
        update(row)
        .where(row.c.user_id == found.c.user_id, row.c.lounge_id == found.c.lounge_id)
        .values(
            pushed_at=case((has_any, now), else_=row.c.pushed_at),
            pushed_id=func.coalesce(found.c.id, row.c.pushed_id),
            push_due_at=None,
        )
        .returning(row.c.user_id)
        .cte("settled")
    )
