"""A part of a statement that runs once."""

from sqlalchemy import CTE

from app.core.database import AnySelect


def materialized(query: AnySelect) -> CTE:
    """Runs a query once, for the rest of a statement that changes its rows.

    PostgreSQL may run a plain subquery again for each row of a join. A query that locks rows leaves
    out those that the statement has changed already, so each run would find others, and a batch
    would have no limit. (https://www.postgresql.org/docs/18/queries-with.html)
    """
    return query.cte("batch").prefix_with("MATERIALIZED")
