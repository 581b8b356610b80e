"""The clean-up finds the sessions that are over, and those that are too old, by an index.

Expand only: the release before does not use the indexes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Columns, condition.
INDEXES: dict[str, tuple[list[str | sa.TextClause], str | None]] = {
    "user_sessions_over_idx": ([sa.text("LEAST(expires_at, ended_at)"), "id"], None),
    "user_sessions_begun_idx": (["created_at"], "ended_at IS NULL"),
}


def upgrade() -> None:
    # All of this can be done twice: a migration that had to wait too long for a lock begins again.
    # An index that was left half made is dropped before.
    with op.get_context().autocommit_block():
        for name, (columns, where) in INDEXES.items():
            op.drop_index(
                name, table_name="user_sessions", if_exists=True, postgresql_concurrently=True
            )
            op.create_index(
                name,
                "user_sessions",
                columns,
                postgresql_where=None if where is None else sa.text(where),
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="user_sessions")
