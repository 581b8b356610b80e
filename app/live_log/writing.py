"""Writes into the log, in the transaction of what changed."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    SmallInteger,
    Uuid,
    column,
    insert,
    literal_column,
    null,
    select,
    table,
    union_all,
)
from sqlalchemy import cast as sql_cast

from app.core.db import Database
from app.live_log.changes import Kind, NewChange

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


async def write_changes(db: Database, changes: Iterable[NewChange]) -> None:
    """Write changes into the log, each once. They count if the transaction commits."""
    columns = [list(values) for values in zip(*dict.fromkeys(changes), strict=True)]
    if columns:
        await db.driver(_WRITE, *columns)


def change(
    source: FromClause,
    topic: ColumnElement[Any],
    kind: Kind,
    subject: ColumnElement[Any],
    *conditions: ColumnElement[bool],
    only_for: ColumnElement[Any] | None = None,
) -> Select[*tuple[Any, ...]]:
    """One change for each row of `source` that meets the conditions: an argument of `logged`."""
    return (
        select(
            topic.label("topic"),
            literal_column(f"{kind:d}::smallint").label("kind"),
            subject.label("subject"),
            sql_cast(null() if only_for is None else only_for, Uuid).label("only_for"),
        )
        .select_from(source)
        .where(*conditions)
    )


def logged(*changes: Select[*tuple[Any, ...]]) -> CTE:
    """A part of a statement's WITH that writes changes into the log: for writes of one statement.

    One INSERT, because each costs the write some twenty microseconds.
    """
    return insert(INBOX).from_select(list(INBOX.c.keys()), union_all(*changes)).cte("logged")
