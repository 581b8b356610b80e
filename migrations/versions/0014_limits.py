"""How often an address was mailed; when a guest was last found to be alive.

Expand only: the release before must run on this schema.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # All of this can be done twice: a migration that had to wait too long for a lock begins again.
    # An index that was left half made is dropped before.
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
