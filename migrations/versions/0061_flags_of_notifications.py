"""Notifications lose their flags of visibility: the list reads it from the post or comment itself.

Contract: release 0.2 still writes the flags, for who goes back from it to 0.1. So it can't serve
after this. A server of this release takes that as the sign to sign its own cursors
(`lacks_contracts`).
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0061"
down_revision: str | None = "0060"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

contracts = True
"""`linky migrate` leaves this until `--contract`, or until a later revision needs it."""

squawk_ignores = {
    "ban-drop-column": "docs/operations.md has it run when no server reads the columns any more",
    "ban-drop-table": "docs/operations.md has it run when no server reads the table any more",
    "require-concurrent-index-deletion": "no server uses it any more, and it goes in a moment",
}

FLAGS = ("post_gone", "comment_gone", "post_muted")


def upgrade() -> None:
    op.drop_index("notifications_shown_unread_idx", table_name="notifications")
    for flag in FLAGS:
        op.drop_column("notifications", flag)
    op.drop_table("notification_hidings")


def downgrade() -> None:
    op.create_table(
        "notification_hidings",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", "reader_id", name=op.f("notification_hidings_pkey")),
    )
    for flag in FLAGS:
        op.add_column(
            "notifications",
            sa.Column(flag, sa.Boolean(), server_default=sa.false(), nullable=False),
        )
    op.create_index(
        "notifications_shown_unread_idx",
        "notifications",
        ["user_id", "id"],
        postgresql_where=sa.text(
            "read_at IS NULL AND NOT post_gone AND NOT comment_gone AND NOT post_muted"
        ),
    )
