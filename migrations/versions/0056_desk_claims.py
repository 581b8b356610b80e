"""Who looks at what in the console, for the other admins and moderators.

Expand only: the release before neither reads nor writes the table.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0056"
down_revision: str | None = "0055"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = ("report", "held", "request", "appeal")


def upgrade() -> None:
    op.create_table(
        "desk_claims",
        sa.Column("admin_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            f"kind IN ({', '.join(map(repr, KINDS))})", name=op.f("desk_claims_kind_check")
        ),
        sa.ForeignKeyConstraint(
            ["admin_id"],
            ["users.id"],
            name=op.f("desk_claims_admin_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("admin_id", name=op.f("desk_claims_pkey")),
    )


def downgrade() -> None:
    op.drop_table("desk_claims")
