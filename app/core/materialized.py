"""A part of a statement that runs once."""

from sqlalchemy import CTE

from app.core.database import AnySelect


def materialized(query: AnySelect) -> CTE:
    """The rows of a query, for the rest of a statement that changes them.

    PostgreSQL may run a plain subquery again for each row of a join. One that locks its rows leaves
    out those that the statement has changed already, so each run finds others: a batch has no limit
    then. (https://www.postgresql.org/docs/18/queries-with.html)
    """
    return query.cte("batch").prefix_with("MATERIALIZED")
