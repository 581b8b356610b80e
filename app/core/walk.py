"""Lists that pass rows which their viewer doesn't see: deleted, hidden, or by blocked users.

There may be any number of these between two rows of a page. So a page ends after STEP rows, seen or
not: then it is short, and has a cursor.

    post, is_end = walk(Post, Post.id, newest_first=True)
    statement = select(is_end, *columns(post)).where(or_(visible_to(viewer, post), is_end))
    _LIST = Query(post_row, statement, of_walk=True)
    ...
    return page_of_walk(page, name, await _LIST.walk(session), newest_first=True)
"""

from typing import Protocol
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Label,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core.keyset import PageRequest, Slice
from app.core.rows import IS_END, Walked

STEP = 2_000
"""Rows that a page passes at most."""

_AFTER_ID = bindparam("after_id", type_=Uuid)


class _Row(Protocol):
    @property
    def id(self) -> UUID: ...


def walk[T](
    table: type[T],
    id_column: InstrumentedAttribute[UUID],
    *which: ColumnElement[bool],
    newest_first: bool,
) -> tuple[type[T], Label[bool]]:
    """The STEP rows after the parameter `after_id`, and whether a row is the last of so many.

    PostgreSQL reads no more of them than a page takes. An index must have all of `which`: what else
    is left out is not counted. It must be sure to be used: one list must be a small part of the
    table.
    """
    order = id_column.desc() if newest_first else id_column.asc()
    beyond = id_column < _AFTER_ID if newest_first else id_column > _AFTER_ID
    number = func.row_number().over(order_by=order).label("number")
    rows = select(table, number).where(beyond, *which).order_by(order)
    walked = rows.limit(literal_column(str(STEP))).subquery("walk")
    return aliased(table, walked), (walked.c.number == literal_column(str(STEP))).label(IS_END)


def page_of_walk[Row: _Row](
    page: PageRequest, name: str, walked: Walked[Row], *, newest_first: bool
) -> Slice[Row]:
    """The page of the list `name`, out of up to `row_limit` rows.

    The end of the walk belongs to the next page, if the viewer sees it.
    """
    if walked.end is None or len(walked.rows) > page.limit:
        return page.slice(name, walked.rows, lambda row: [row.id])
    end = walked.end.id.int
    return page.part(name, walked.rows, [UUID(int=end + 1 if newest_first else end - 1)])
