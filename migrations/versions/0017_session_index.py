"""Indexes with which the clean-up finds ended and too old sessions.

It only expands the schema: the previous release does not use the indexes.
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
    # Every statement may run twice: a migration that waits too long for a lock starts again. It
    # first drops indexes that were left unfinished.
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
