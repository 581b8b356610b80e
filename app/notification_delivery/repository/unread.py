"""How many notifications a user has not read, for the count, the badge of pushes, and live changes.

The count ends at MAX_UNREAD_COUNT: all that is more is "and more". So it costs the same for
everybody.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from app.notification.models import (
    Announcement,
    Notification,
    is_unread,
    is_unread_announcement,
)
from app.notification_delivery.models import sees_post, sees_rest

MAX_UNREAD_COUNT: Final = 999

LOOKED_AT: Final = 10_000
"""Notifications that one count looks at, besides those whose post is hidden.

Those of blocked users, and of comments that are hidden, are only found by looking.
"""


def unread_of(viewer: ColumnElement[UUID]) -> LateralFromClause:
    """The columns `unread` and `more` of one user, to be joined.

    `viewer` is a parameter, or a bare column name of the statement around this: by a column of
    Core the inner SELECTs would read its table again.
    """
    each = aliased(Notification, name="each")
    due = (
        select(
            each.id,
            each.type,
            each.actor_id,
            each.post_author_id,
            each.comment_id,
            each.parent_id,
        )
        .where(each.user_id == viewer, is_unread(viewer, each), sees_post(viewer, each))
        .order_by(each.id.desc())
    )
    looked_at = aliased(Notification, due.limit(_literal(LOOKED_AT)).subquery("looked_at"))
    own = _count(select(looked_at.id).where(sees_rest(viewer, looked_at)), "own")
    to_all = _count(select(Announcement.id).where(is_unread_announcement(viewer)), "to_all")
    number = own.c.number + to_all.c.number
    # An OFFSET walks the index, and looks at nothing else.
    beyond = due.with_only_columns(each.id).offset(_literal(LOOKED_AT)).limit(_literal(1))
    columns = (
        func.least(number, _literal(MAX_UNREAD_COUNT)).label("unread"),
        or_(number > _literal(MAX_UNREAD_COUNT), beyond.exists()).label("more"),
    )
    return select(*columns).select_from(own.join(to_all, true())).lateral("badge")


def _count(rows: Select[UUID], name: str) -> Subquery:
    """How many there are. It looks for no more than it takes to know that they are many."""
    some = rows.limit(_literal(MAX_UNREAD_COUNT + 1)).subquery()
    return select(func.count().label("number")).select_from(some).subquery(name)


def _literal(number: int) -> ColumnElement[int]:
    """A number that the planner sees."""
    return literal_column(str(number), Integer)
