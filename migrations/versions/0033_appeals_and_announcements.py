"""Warnings, appeals, announcements, and which pushes were opened.

Expand only. An announcement is one row for all users; `announcement_marks` has a row for a user who
has read or opened one.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
    "ban-drop-constraint": "another takes its place at once, and allows more",
}

TYPES = (
    "comment",
    "reply",
    "lounge_request_approved",
    "lounge_request_rejected",
    "moderation",
    "report_resolved",
    "lounge_post",
    "watched",
)
NEW_TYPES = ("warning", "appeal_decided", "announcement")
TARGETS = (
    "user",
    "lounge",
    "lounge_request",
    "post",
    "comment",
    "report",
    "banned_words",
    "records",
    "job",
)
NEW_TARGETS = ("appeal", "announcement")
OPENED = "notifications_opened_idx"


def upgrade() -> None:
    _tables()
    op.add_column(
        "users",
        sa.Column("warning_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        if_not_exists=True,
    )
    op.add_column(
        "notifications",
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        if_not_exists=True,
    )
    # Each of these commits by itself: else all notifications would be read under a lock.
    with op.get_context().autocommit_block():
        _check("notifications", "type", TYPES + NEW_TYPES)
        _check("audit_log", "target_type", TARGETS + NEW_TARGETS)
        op.drop_index(
            OPENED, table_name="notifications", if_exists=True, postgresql_concurrently=True
        )
        op.create_index(
            OPENED,
            "notifications",
            ["opened_at"],
            postgresql_concurrently=True,
            postgresql_where=sa.text("opened_at IS NOT NULL"),
        )


def _tables() -> None:
    op.execute("""
        CREATE TABLE IF NOT EXISTS user_warnings (
            id uuid DEFAULT uuidv7() NOT NULL,
            user_id uuid NOT NULL,
            notification_id uuid NOT NULL,
            reason text NOT NULL,
            target_type text,
            target_id uuid,
            created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
            withdrawn_at timestamp with time zone,
            CONSTRAINT user_warnings_pkey PRIMARY KEY (id),
            CONSTRAINT user_warnings_target_type_check
                CHECK (target_type IN ('post', 'comment', 'user', 'lounge')),
            CONSTRAINT user_warnings_user_id_fkey
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT user_warnings_notification_id_key UNIQUE (notification_id)
        )
    """)
    op.execute("CREATE INDEX IF NOT EXISTS user_warnings_user_idx ON user_warnings (user_id, id)")
    op.execute("""
        CREATE TABLE IF NOT EXISTS appeals (
            id uuid DEFAULT uuidv7() NOT NULL,
            user_id uuid NOT NULL,
            against text NOT NULL,
            notification_id uuid,
            suspension_id uuid,
            post_id uuid,
            comment_id uuid,
            reason text NOT NULL,
            quote text NOT NULL,
            text text NOT NULL,
            status text DEFAULT 'open' NOT NULL,
            note text DEFAULT '' NOT NULL,
            created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
            decided_at timestamp with time zone,
            decided_by uuid,
            CONSTRAINT appeals_pkey PRIMARY KEY (id),
            CONSTRAINT appeals_against_check
                CHECK (against IN ('moderation', 'warning', 'suspension')),
            CONSTRAINT appeals_status_check CHECK (status IN ('open', 'upheld', 'overturned')),
            CONSTRAINT appeals_one_act_check
                CHECK ((notification_id IS NULL) <> (suspension_id IS NULL)),
            CONSTRAINT appeals_user_id_fkey
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT appeals_notification_id_key UNIQUE (notification_id),
            CONSTRAINT appeals_suspension_id_key UNIQUE (suspension_id)
        )
    """)
    op.execute("CREATE INDEX IF NOT EXISTS appeals_user_idx ON appeals (user_id, id)")
    op.execute("CREATE INDEX IF NOT EXISTS appeals_queue_idx ON appeals (status, id)")
    op.execute("CREATE INDEX IF NOT EXISTS appeals_decided_idx ON appeals (decided_at)")
    op.execute("""
        CREATE TABLE IF NOT EXISTS announcements (
            id uuid DEFAULT uuidv7() NOT NULL,
            title_ja text NOT NULL,
            body_ja text NOT NULL,
            title_en text,
            body_en text,
            push boolean NOT NULL,
            created_by uuid NOT NULL,
            created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
            written_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
            CONSTRAINT announcements_pkey PRIMARY KEY (id)
        )
    """)
    op.execute("""
        CREATE TABLE IF NOT EXISTS announcement_marks (
            user_id uuid NOT NULL,
            announcement_id uuid NOT NULL,
            read_at timestamp with time zone,
            opened_at timestamp with time zone,
            CONSTRAINT announcement_marks_pkey PRIMARY KEY (user_id, announcement_id),
            CONSTRAINT announcement_marks_user_id_fkey
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
        )
    """)
    op.execute(
        "CREATE INDEX IF NOT EXISTS announcement_marks_announcement_id_idx"
        " ON announcement_marks (announcement_id)"
    )
    op.execute(
        "CREATE INDEX IF NOT EXISTS announcement_marks_opened_idx"
        " ON announcement_marks (opened_at) WHERE opened_at IS NOT NULL"
    )


def _check(table: str, column: str, values: Sequence[str]) -> None:
    """Let a column have more values. NOT VALID, because what is there has fewer."""
    name = f"{table}_{column}_check"
    listed = ", ".join(f"'{value}'" for value in values)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({listed})) NOT VALID"
    )
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    op.drop_index(OPENED, table_name="notifications")
    # The log refuses to be changed. So its old entries stay, and the constraint holds for new ones.
    op.execute("ALTER TABLE audit_log DROP CONSTRAINT audit_log_target_type_check")
    listed = ", ".join(f"'{value}'" for value in TARGETS)
    op.execute(
        "ALTER TABLE audit_log ADD CONSTRAINT audit_log_target_type_check"
        f" CHECK (target_type IN ({listed})) NOT VALID"
    )
    op.execute("DELETE FROM notifications WHERE type IN ('warning', 'appeal_decided')")
    _check("notifications", "type", TYPES)
    op.drop_column("notifications", "opened_at")
    op.drop_column("users", "warning_count")
    for table in ("announcement_marks", "announcements", "appeals", "user_warnings"):
        op.drop_table(table)
