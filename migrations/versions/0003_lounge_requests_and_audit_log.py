"""Lounge requests, and the audit log, which the database keeps from being changed.

Expand only: the release before must run on this schema. A lock is waited for two seconds at most
(`env.py`); indexes on tables in use are made CONCURRENTLY in an `autocommit_block()`.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPEND_ONLY_FUNCTION = """
CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$
"""
APPEND_ONLY_ROWS = """
CREATE TRIGGER audit_log_rows_stay BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_append_only()
"""
APPEND_ONLY_TABLE = """
CREATE TRIGGER audit_log_table_stays BEFORE TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()
"""


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "target_type IN ('user', 'lounge', 'lounge_request', 'post', 'comment', 'report', 'banned_words')",
            name=op.f("audit_log_target_type_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_log_pkey")),
    )
    op.create_index(
        "audit_log_target_idx", "audit_log", ["target_type", "target_id", "id"], unique=False
    )
    op.create_table(
        "lounge_requests",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reject_reason", sa.Text(), nullable=True),
        sa.Column("lounge_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'rejected', 'withdrawn')",
            name=op.f("lounge_requests_status_check"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["users.id"],
            name=op.f("lounge_requests_decided_by_fkey"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["lounge_id"], ["lounges.id"], name=op.f("lounge_requests_lounge_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"],
            ["users.id"],
            name=op.f("lounge_requests_requester_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("lounge_requests_pkey")),
    )
    op.create_index(
        "lounge_requests_pending_name_key",
        "lounge_requests",
        ["name_key"],
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "lounge_requests_requester_idx", "lounge_requests", ["requester_id", "id"], unique=False
    )
    op.create_index("lounge_requests_status_idx", "lounge_requests", ["status", "id"], unique=False)
    op.execute(APPEND_ONLY_FUNCTION)
    op.execute(APPEND_ONLY_ROWS)
    op.execute(APPEND_ONLY_TABLE)


def downgrade() -> None:
    op.drop_index("lounge_requests_status_idx", table_name="lounge_requests")
    op.drop_index("lounge_requests_requester_idx", table_name="lounge_requests")
    op.drop_index(
        "lounge_requests_pending_name_key",
        table_name="lounge_requests",
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_table("lounge_requests")
    op.drop_index("audit_log_target_idx", table_name="audit_log")
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION audit_log_append_only()")
