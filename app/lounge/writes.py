"""What a statement of a higher feature locks and writes in lounges: parts of its WITH."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, exists, func, select, update

from app.core.writes import table_of
from app.lounge.models import Lounge


def open_lounge(lounge_id: ColumnElement[UUID], *only_if: ColumnElement[bool]) -> CTE:
    """An open lounge, which can't be closed before the transaction ends."""
    return (
        select(Lounge.id)
        .where(Lounge.id == lounge_id, Lounge.closed_at.is_(None), *only_if)
        .with_for_update(read=True, key_share=True)
        .cte("lounge")
    )


def post_counted(
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
