"""Notifications about a comment are found by the index of 0039 alone.

It is a step of its own: 0039 drops and makes its index again if it had to wait too long for a lock.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0041"
down_revision: str | None = "0040"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "notifications_comment_idx"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(
            NAME, table_name="notifications", if_exists=True, postgresql_concurrently=True
        )


def downgrade() -> None:
    op.create_index(NAME, "notifications", ["comment_id"])
