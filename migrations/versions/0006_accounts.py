"""Tokens that go by mail; and comments that outlive their author as empty place-holders.

Expand only: the release before must run on this schema.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "auth_mail_tokens",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('verify_email', 'reset_password', 'leave')",
            name=op.f("auth_mail_tokens_purpose_check"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("auth_mail_tokens_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("auth_mail_tokens_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("auth_mail_tokens_token_hash_key")),
    )
    op.create_index(op.f("auth_mail_tokens_user_id_idx"), "auth_mail_tokens", ["user_id"])
    op.create_index(op.f("auth_mail_tokens_expires_at_idx"), "auth_mail_tokens", ["expires_at"])
    op.alter_column("comments", "author_id", existing_type=sa.Uuid(), nullable=True)
    op.create_check_constraint(
        op.f("comments_author_check"), "comments", "author_id IS NOT NULL OR deleted_at IS NOT NULL"
    )
    op.alter_column("reports", "reporter_id", existing_type=sa.Uuid(), nullable=True)
    op.drop_constraint(op.f("reports_reporter_id_fkey"), "reports", type_="foreignkey")
    op.create_foreign_key(
        op.f("reports_reporter_id_fkey"),
        "reports",
        "users",
        ["reporter_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("reports_reporter_id_fkey"), "reports", type_="foreignkey")
    op.create_foreign_key(
        op.f("reports_reporter_id_fkey"),
        "reports",
        "users",
        ["reporter_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.alter_column("reports", "reporter_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_constraint(op.f("comments_author_check"), "comments", type_="check")
    op.alter_column("comments", "author_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("auth_mail_tokens")
