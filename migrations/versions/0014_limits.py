"""Counts of mails to an address; when a guest was last found to have a session.

It only expands the schema, since the previous release must still run on it.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Every statement may run twice: a migration that waits too long for a lock starts again. It
    # first drops indexes that were left unfinished.
    with op.get_context().autocommit_block():
        op.execute(
            "ALTER TABLE users ADD COLUMN IF NOT EXISTS guest_checked_at timestamp with time zone"
        )
        op.drop_index(
            "users_guests_idx", table_name="users", if_exists=True, postgresql_concurrently=True
        )
        op.create_index(
            "users_guests_idx",
            "users",
            [sa.text("COALESCE(guest_checked_at, created_at)")],
            postgresql_where=sa.text("role = 'guest' AND left_at IS NULL"),
            postgresql_concurrently=True,
        )
    op.create_table(
        "auth_sent_mails",
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email_hash", "kind", name=op.f("auth_sent_mails_pkey")),
    )
    op.create_index(op.f("auth_sent_mails_expires_at_idx"), "auth_sent_mails", ["expires_at"])


def downgrade() -> None:
    op.drop_index("users_guests_idx", table_name="users")
    op.drop_column("users", "guest_checked_at")
    op.drop_table("auth_sent_mails")
