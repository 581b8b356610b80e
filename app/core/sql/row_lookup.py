"""Whether there is a row with some primary key, asked for each row of a list.

PostgreSQL turns EXISTS into a join, or into a table of all rows of the user. For a user of average
size that is as good. But who has blocked a thousand, or likes a hundred thousand posts, would pay
for all of them on each page. A subquery for one value stays what it is: one look into the index.
"""

from sqlalchemy import ColumnElement, Integer, func, literal_column, select

from app.core.database import Base


def has_row(table: type[Base], *key: ColumnElement[bool]) -> ColumnElement[bool]:
    """`key` compares all columns of the primary key."""
    return _found(table, *key) == 1


def lacks_row(table: type[Base], *key: ColumnElement[bool]) -> ColumnElement[bool]:
    """The planner expects that nearly all rows pass, which is right."""
    return _found(table, *key) != 1


def _found(table: type[Base], *key: ColumnElement[bool]) -> ColumnElement[int]:
    row = select(literal_column("1", Integer)).where(*key).correlate_except(table)
    return func.coalesce(row.scalar_subquery(), 0)
