"""Sign-in by a browser: who was sent to a provider, and the codes that apps get tokens for.

Expand only: the release before must run on this schema.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "oauth_attempts",
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("code_verifier", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("app_state", sa.Text(), nullable=False),
        sa.Column("app_challenge", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "provider IN ('line', 'google', 'apple')",
            name=op.f("oauth_attempts_provider_check"),
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("oauth_attempts_pkey")),
    )
    op.create_index(op.f("oauth_attempts_expires_at_idx"), "oauth_attempts", ["expires_at"])
    op.create_table(
        "oauth_exchange_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("app_challenge", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("oauth_exchange_codes_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("oauth_exchange_codes_pkey")),
    )
    op.create_index(op.f("oauth_exchange_codes_user_id_idx"), "oauth_exchange_codes", ["user_id"])
    op.create_index(
        op.f("oauth_exchange_codes_expires_at_idx"), "oauth_exchange_codes", ["expires_at"]
    )


def downgrade() -> None:
    op.drop_table("oauth_exchange_codes")
    op.drop_table("oauth_attempts")
