"""Columns that count rows of other tables: finding those that are wrong, and mending them.

A feature describes its columns in its `counts.py`, and `app/api.py` has the list of all. Users'
acts change such a column by differences, in the transaction that changes the rows. So at every
moment the column is the number of committed rows, and any other number is a defect.
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
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Base

EVERY_ROW = true()


class WrongCount(NamedTuple):
    """A row whose column does not hold what a recount finds. `kind` is `table.column`."""

    kind: str
    id: UUID
    stored: Any
    counted: Any


@dataclass(frozen=True, slots=True)
class Count:
    """One column that is kept up to date by differences, and how to count it from the rows.

    `counted` is a scalar subquery on one row of `model`. `where` leaves out rows whose column is
    no longer kept, such as deleted posts.
    """

    model: type[Base]
    column: str
    counted: ColumnElement[Any]
    where: ColumnElement[bool] = EVERY_ROW

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
    session: AsyncSession, counts: Sequence[Count], *, ids: Sequence[UUID] | None = None
) -> list[WrongCount]:
    """Compare the columns with a recount, of all rows or of some, each kind in one statement.

    One statement sees one snapshot, so what it finds is wrong even while others write.
    """
    return [wrong for count in counts for wrong in await find_wrong_of(session, count, ids)]


async def find_wrong_of(
    session: AsyncSession, count: Count, ids: Sequence[UUID] | None
) -> list[WrongCount]:
    rows = select(count.id, count.stored.label("stored"), count.counted.label("counted"))
    rows = rows.where(count.where)
    if ids is not None:
        rows = rows.where(count.id == func.any(cast(ids, ARRAY(Uuid))))
    compared = rows.subquery()
    differs = compared.c.stored.is_distinct_from(compared.c.counted)
    query = select(compared).where(differs).order_by(compared.c.id)
    return [WrongCount(count.kind, *row) for row in await session.execute(query)]


async def list_ids(session: AsyncSession, count: Count, after: UUID, limit: int) -> Sequence[UUID]:
    """The next rows that have the column, in the order of their ids."""
    query = select(count.id).where(count.id > after, count.where).order_by(count.id).limit(limit)
    return (await session.scalars(query)).all()


async def sample_ids(session: AsyncSession, count: Count, limit: int) -> Sequence[UUID]:
    """About so many rows from random pages of the table, without reading the rest of it."""
    query = text("SELECT greatest(reltuples, 1) FROM pg_class WHERE oid = to_regclass(:name)")
    rows = await session.scalar(query, {"name": count.model.__tablename__}) or 1
    percent = min(100.0, 100.0 * SPREAD * limit / rows)
    sampled = tablesample(count.model, func.system(bindparam("percent", percent)))
    return (await session.scalars(select(sampled.c.id).limit(limit))).all()


SPREAD = 5
"""A sample reads some more pages than it needs, and stops where it has enough rows."""


async def mend(session: AsyncSession, count: Count, row_id: UUID) -> WrongCount | None:
    """Recount one row, and store the right number. None if it was right already.

    The row is locked first and counted by the next statement, which sees every transaction that has
    changed the column. Transactions that have not yet changed it wait for the lock and add their
    difference then.
    """
    locked = select(count.id).where(count.id == row_id, count.where)
    if await session.scalar(locked.with_for_update(key_share=True)) is None:
        return None
    found = await find_wrong_of(session, count, [row_id])
    if not found:
        return None
    values = {count.column: found[0].counted}
    statement = update(count.model).where(count.id == row_id).values(values)
    await session.execute(statement, execution_options={"synchronize_session": False})
    return found[0]
