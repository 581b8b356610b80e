"""The indexes of lists with what is hidden or forgotten go: 0042 has made smaller ones.

Contract: without them the release before reads whole lounges and threads.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0057"
down_revision: str | None = "0056"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

contracts = True
"""`linky migrate` leaves this until `--contract`, or until a later revision needs it."""

INDEXES = {
    "posts_lounge_idx": ("posts", ["lounge_id", "id"], "deleted_at IS NULL"),
    "comments_post_idx": ("comments", ["post_id", "id"], "parent_id IS NULL"),
    "lounge_recent_views_newest_idx": ("lounge_recent_views", ["user_id", "id"], None),
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, (table, _, _) in INDEXES.items():
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)


def downgrade() -> None:
    for name, (table, columns, condition) in INDEXES.items():
        where = None if condition is None else sa.text(condition)
        op.create_index(name, table, columns, postgresql_where=where)
