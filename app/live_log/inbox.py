"""Writes into the log, in the transaction of what changed."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    SmallInteger,
    Uuid,
    column,
    literal_column,
    null,
    select,
    table,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database_session import note_write
from app.core.writes import insert_from
from app.live_log.changes import Change, Kind

INBOX = table(
    "live_inbox",
    column("topic", Uuid),
    column("kind", SmallInteger),
    column("subject", Uuid),
    column("only_for", Uuid),
)

_WRITE = (
    "INSERT INTO live_inbox (topic, kind, subject, only_for)"
    " SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::uuid[])"
)


async def write_changes(session: AsyncSession, changes: Iterable[Change]) -> None:
    """Write changes into the log, each once. They count if the session's transaction commits."""
    columns = [list(values) for values in zip(*dict.fromkeys(changes), strict=True)]
    if columns:
        note_write(session)
        connection = await session.connection()
        await connection.exec_driver_sql(_WRITE, tuple(columns))


def changed_rows(
    name: str,
    source: FromClause,
    topic: ColumnElement[Any],
    kind: Kind,
    subject: ColumnElement[Any],
    *conditions: ColumnElement[bool],
    only_for: ColumnElement[Any] | None = None,
) -> CTE:
    """A part of a statement's WITH: writes a change for each row of `source`.

    For writes that are one statement. `name` is the part's. Rows that do not meet the conditions
    change nothing that anyone sees.
    """
    row: dict[str, ColumnElement[Any]] = {
        "topic": topic,
        "kind": literal_column(f"{kind:d}::smallint"),
        "subject": subject,
        "only_for": null() if only_for is None else only_for,
    }
    rows = select().select_from(source).where(*conditions)
    return insert_from(INBOX, row, rows).returning(INBOX.c.topic).cte(name)
