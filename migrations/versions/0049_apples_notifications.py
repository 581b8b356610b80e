"""Which notifications of Apple were heard, to which addresses Apple forwards no mail, and when a
token that waits for LINE is over.

Expand only: the release before neither reads nor writes them.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0049"
down_revision: str | None = "0044"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "require-concurrent-index-creation": "the table has a row for each user of Apple at most, and "
    "sign-ins with Apple wait for milliseconds",
}


def upgrade() -> None:
    op.create_table(
        "auth_apple_notifications",
        sa.Column("jti_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jti_hash", name="auth_apple_notifications_pkey"),
    )
    op.create_index(
        "auth_apple_notifications_expires_at_idx", "auth_apple_notifications", ["expires_at"]
    )
    op.create_table(
        "auth_forwarded_addresses",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("is_stopped", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email", name="auth_forwarded_addresses_pkey"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="auth_forwarded_addresses_user_id_fkey",
            ondelete="CASCADE",
        ),
    )
    op.create_index("auth_forwarded_addresses_user_id_idx", "auth_forwarded_addresses", ["user_id"])
    op.add_column(
        "auth_provider_tokens",
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("auth_provider_tokens_expires_at_idx", "auth_provider_tokens", ["expires_at"])


def downgrade() -> None:
    op.drop_index("auth_provider_tokens_expires_at_idx", "auth_provider_tokens")
    op.drop_column("auth_provider_tokens", "expires_at")
    op.drop_table("auth_forwarded_addresses")
    op.drop_table("auth_apple_notifications")
