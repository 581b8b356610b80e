"""The notifications about a post are hidden in batches; until then one row keeps them out of sight.

Expand only: the release before does not know these rows. While a job of this release is hiding the
notifications about a post, that release still shows those that are left: for some seconds, and
only of a post with more than 1,000 notifications.

A batch takes the next notifications about a post by their ids. The new index has them in that order.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
}

NEW, OLD = "notifications_about_post_idx", "notifications_post_idx"


def upgrade() -> None:
    # The index can be made twice: a migration that had to wait too long for a lock begins again.
    # An index that was left half made is dropped before.
    with op.get_context().autocommit_block():
        op.drop_index(NEW, table_name="notifications", if_exists=True, postgresql_concurrently=True)
        op.create_index(NEW, "notifications", ["post_id", "id"], postgresql_concurrently=True)
        op.drop_index(OLD, table_name="notifications", if_exists=True, postgresql_concurrently=True)
    op.create_table(
        "notification_hidings",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "reader_id", name=op.f("notification_hidings_pkey")),
    )


def downgrade() -> None:
    op.drop_table("notification_hidings")
    op.create_index(OLD, "notifications", ["post_id"])
    op.drop_index(NEW, table_name="notifications")
