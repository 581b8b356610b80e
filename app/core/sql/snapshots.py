"""PostgreSQL's transaction ids and snapshots, as types of columns.

A UUIDv7 is made before its row is committed. So a row may appear below ids that were read already.
Whether a statement saw a row is a question of its snapshot, and of the transaction that wrote the
row: `pg_visible_in_snapshot`.
"""

from typing import Any

from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType


class TransactionId(UserDefinedType[int]):
    """The id of a transaction. It never comes again in the life of a database cluster."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Snapshot(UserDefinedType[str]):
    """Which transactions had ended when a statement began."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "pg_snapshot"


# So that Alembic knows the types when it compares tables with models.
ischema_names["xid8"] = TransactionId
ischema_names["pg_snapshot"] = Snapshot
