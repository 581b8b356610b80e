"""Building blocks of statements that write (ADR 0053)."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Boolean, ColumnElement, Select, Table, TableClause, bindparam
from sqlalchemy.dialects.postgresql import Insert, insert

from app.core.database import Base

LOCKS_ONLY = bindparam("locks_only", type_=Boolean)
"""True the first time that a statement of `Database.first_under_locks` runs, False the second time.

What such a statement looks for and writes, it looks for and writes only if this is False.
"""


def table_of(model: type[Base]) -> Table:
    """Statements about a table return rows, not the ORM's objects."""
    return cast(Table, model.__table__)


def insert_from(
    into: TableClause, row: Mapping[str, ColumnElement[Any]], rows: Select[*tuple[Any, ...]]
) -> Insert:
    """Inserts `row` for each row of `rows`, a SELECT without columns."""
    values = [value.label(name) for name, value in row.items()]
    return insert(into).from_select(list(row), rows.add_columns(*values))
