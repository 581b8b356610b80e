"""What the statements of admins share: literal numbers, and rows as JSON."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

NO_OBJECTS: ColumnElement[Any] = literal_column("'[]'::jsonb", JSONB)


def literal_number(number: int) -> ColumnElement[int]:
    """A literal: PostgreSQL plans `LIMIT $1` again at every call."""
    return literal_column(str(number), Integer)


def json_list(rows: Any, *order: Any, **columns: Any) -> ColumnElement[Any]:
    """The rows of a subquery as a list of JSON objects, of all its columns if none are named."""
    named = columns or dict(rows.c)
    parts: list[ColumnElement[Any]] = []
    for name, column in named.items():
        parts += (literal_column(f"'{name}'"), column)
    objects: Any = func.jsonb_build_object(*parts)
    listed = func.jsonb_agg(aggregate_order_by(objects, *order) if order else objects)
    return func.coalesce(
        select(listed).select_from(rows).scalar_subquery(), NO_OBJECTS, type_=JSONB
    )
