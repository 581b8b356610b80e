"""Wrong passwords in a row, by the hash of the address; Apple's tokens, encrypted.

Expand only: the release before must run on this schema.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "auth_wrong_passwords",
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("in_a_row", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email_hash", name=op.f("auth_wrong_passwords_pkey")),
    )
    op.create_index(
        op.f("auth_wrong_passwords_expires_at_idx"), "auth_wrong_passwords", ["expires_at"]
    )
    op.create_table(
        "auth_provider_tokens",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "provider IN ('line', 'google', 'apple')",
            name=op.f("auth_provider_tokens_provider_check"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("auth_provider_tokens_user_id_fkey"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("auth_provider_tokens_pkey")),
        sa.UniqueConstraint(
            "user_id",
            "provider",
            "client_id",
            name=op.f("auth_provider_tokens_user_id_provider_client_id_key"),
        ),
    )


def downgrade() -> None:
    op.drop_table("auth_provider_tokens")
    op.drop_table("auth_wrong_passwords")
