"""Columns that count rows of other tables: finding and correcting wrong counts.

A feature describes its columns in its `counts.py`, and `app/api.py` lists them all. A transaction
that changes the rows changes such a column by the difference. So the column always equals the
number of committed rows, and any other number is a defect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    bindparam,
    cast,
    func,
    select,
    tablesample,
    text,
    true,
    update,
)

from app.core.database import Base
from app.core.db import Database

EVERY_ROW = true()


class WrongCount(NamedTuple):
    """A row whose column differs from a recount. `kind` is `table.column`."""

    kind: str
    id: UUID
    stored: Any
    counted: Any


@dataclass(frozen=True, slots=True)
class Count:
    """A column that is kept up to date by differences, and how to count it from the rows.

    `counted` is a scalar subquery for a row of `model`. `where` leaves out rows whose column is not
    kept up to date any more, such as deleted posts.
    """

    model: type[Base]
    column: str
    counted: ColumnElement[Any]
    where: ColumnElement[bool] = EVERY_ROW
    post_column: str | None = None
    """The column with the id of the post whose readers see this count. None if they see none."""

    @property
    def kind(self) -> str:
        return f"{self.model.__tablename__}.{self.column}"

    @property
    def id(self) -> Any:
        return self.model.__table__.c.id

    @property
    def stored(self) -> Any:
        return self.model.__table__.c[self.column]


async def find_wrong(
    db: Database, counts: Sequence[Count], *, ids: Sequence[UUID] | None = None
) -> list[WrongCount]:
    """Compare the columns with a recount, for all rows or for `ids`.

    Each kind takes one statement, which sees one snapshot. So what it finds is really wrong, even
    while other transactions write.
    """
    return [wrong for count in counts for wrong in await find_wrong_of(db, count, ids)]


async def find_wrong_of(db: Database, count: Count, ids: Sequence[UUID] | None) -> list[WrongCount]:
    rows = select(count.id, count.stored.label("stored"), count.counted.label("counted"))
    rows = rows.where(count.where)
    if ids is not None:
        rows = rows.where(count.id == func.any(cast(ids, ARRAY(Uuid))))
    compared = rows.subquery()
    differs = compared.c.stored.is_distinct_from(compared.c.counted)
    query = select(compared).where(differs).order_by(compared.c.id)
    return [WrongCount(count.kind, *row) for row in await db.all(query)]


async def list_ids(db: Database, count: Count, after: UUID, limit: int) -> Sequence[UUID]:
    """The next rows that have the column, in the order of their ids."""
    query = select(count.id).where(count.id > after, count.where).order_by(count.id).limit(limit)
    return await db.all(query)


async def sample_ids(db: Database, count: Count, limit: int) -> Sequence[UUID]:
    """About `limit` rows from random pages of the table, without reading all of it."""
    query = text("SELECT greatest(reltuples, 1) FROM pg_class WHERE oid = to_regclass(:name)")
    rows = await db.first(query, name=count.model.__tablename__) or 1
    percent = min(100.0, 100.0 * SPREAD * limit / rows)
    sampled = tablesample(count.model, func.system(bindparam("percent", percent)))
    return await db.all(select(sampled.c.id).limit(limit))


SPREAD = 5
"""A sample reads five times the pages that it needs, and stops when it has enough rows."""


async def find_post_id(db: Database, count: Count, row_id: UUID) -> UUID | None:
    """The post whose readers see the count of a row."""
    if count.post_column is None:
        return None
    column = count.model.__table__.c[count.post_column]
    post_id: UUID | None = await db.first(select(column).where(count.id == row_id))
    return post_id


async def mend(db: Database, count: Count, row_id: UUID) -> WrongCount | None:
    """Recount a row and store the right number. Returns None if it was right already.

    The row is locked first. The next statement counts, and sees every transaction that has changed
    the column. Transactions that change it later wait for the lock, then add their difference.
    """
    locked = select(count.id).where(count.id == row_id, count.where)
    if await db.first(locked.with_for_update(key_share=True)) is None:
        return None
    wrong = await find_wrong_of(db, count, [row_id])
    if not wrong:
        return None
    values = {count.column: wrong[0].counted}
    statement = update(count.model).where(count.id == row_id).values(values)
    await db.execute(statement)
    return wrong[0]
