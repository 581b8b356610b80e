"""The statement that changes the counts of replies of many comments at once."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, cast, column, func, update

from app.comment.models import Comment
from app.core.db import Database


async def change_reply_counts(db: Database, by_thread: Mapping[UUID, int]) -> None:
    """Add to the counts of top-level comments that are locked; a negative number subtracts."""
    given = func.unnest(
        cast(list(by_thread), ARRAY(Uuid)), cast(list(by_thread.values()), ARRAY(Integer))
    )
    changes = given.table_valued(column("id", Uuid), column("by", Integer)).render_derived()
    await db.execute(
        update(Comment)
        .where(Comment.id == changes.c.id)
        .values(reply_count=Comment.reply_count + changes.c.by),
    )
