"""Admins' second step: sealed TOTP secrets, hashed recovery codes, and which sessions have passed.

Expand only: the release before knows none of this, and lets admins in by one step as it always did.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("users", sa.Column("mfa_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "user_sessions", sa.Column("mfa_passed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "auth_totp",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        _created_at(),
        _of_user("auth_totp"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("auth_totp_pkey")),
    )
    op.create_table(
        "auth_recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        _created_at(),
        _of_user("auth_recovery_codes"),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("auth_recovery_codes_pkey")),
    )


def _created_at() -> sa.Column[object]:
    now = sa.text("clock_timestamp()")
    return sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=op.f(f"{table}_user_id_fkey"), ondelete="CASCADE"
    )


def downgrade() -> None:
    op.drop_table("auth_recovery_codes")
    op.drop_table("auth_totp")
    op.drop_column("user_sessions", "mfa_passed_at")
    op.drop_column("users", "mfa_since")
