"""Who came from another system, by the SHA-256 of their id there.

Expand only: the release before neither reads nor writes the table.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0055"
down_revision: str | None = "0052"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "imported_users",
        sa.Column("source_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("imported_users_user_id_fkey"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("source_hash", name=op.f("imported_users_pkey")),
        sa.UniqueConstraint("user_id", name=op.f("imported_users_user_id_key")),
    )


def downgrade() -> None:
    op.drop_table("imported_users")
