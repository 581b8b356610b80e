"""The word list, and reports.

Expand only: the release before must run on this schema. A lock is waited for two seconds at most
(`env.py`); indexes on tables in use are made CONCURRENTLY in an `autocommit_block()`.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# A small list to begin with, as admins would write it and with its keys (squeezed, as
# app/screening does). From here on it is data, and theirs.
BANNED = {
    "死ね": "死ね",
    "殺すぞ": "殺すぞ",
    "くたばれ": "くたばれ",
    "kill yourself": "killyourself",
}
ALLOWED = {"必死ね": "必死ね"}


def upgrade() -> None:
    op.create_table(
        "banned_words",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('banned', 'allowed')", name=op.f("banned_words_kind_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("banned_words_pkey")),
        sa.UniqueConstraint("kind", "key", name=op.f("banned_words_kind_key_key")),
    )
    columns = [sa.column(name, sa.Text()) for name in ("kind", "word", "key")]
    words = sa.table("banned_words", *columns)
    op.bulk_insert(
        words,
        [
            {"kind": kind, "word": word, "key": key}
            for kind, listed in (("banned", BANNED), ("allowed", ALLOWED))
            for word, key in listed.items()
        ],
    )
    op.create_table(
        "report_cases",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("gravity", sa.SmallInteger(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("report_count", sa.Integer(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("overdue_noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'resolved')", name=op.f("report_cases_status_check")
        ),
        sa.CheckConstraint(
            "target_type IN ('post', 'comment', 'user', 'lounge')",
            name=op.f("report_cases_target_type_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("report_cases_pkey")),
    )
    op.create_index(
        "report_cases_open_target_key",
        "report_cases",
        ["target_type", "target_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "report_cases_queue_idx",
        "report_cases",
        ["status", sa.literal_column("(-gravity)"), "id"],
        unique=False,
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "reason IN ('spam', 'abuse', 'sexual', 'intimate_image', 'minor_safety', 'violence', 'illegal', 'privacy', 'impersonation', 'other')",
            name=op.f("reports_reason_check"),
        ),
        sa.CheckConstraint(
            "target_type IN ('post', 'comment', 'user', 'lounge')",
            name=op.f("reports_target_type_check"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["report_cases.id"], name=op.f("reports_case_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["users.id"], name=op.f("reports_reporter_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("reports_pkey")),
        sa.UniqueConstraint(
            "reporter_id",
            "target_type",
            "target_id",
            name=op.f("reports_reporter_id_target_type_target_id_key"),
        ),
    )
    op.create_index(op.f("reports_case_id_idx"), "reports", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("reports_case_id_idx"), table_name="reports")
    op.drop_table("reports")
    op.drop_index("report_cases_queue_idx", table_name="report_cases")
    op.drop_index(
        "report_cases_open_target_key",
        table_name="report_cases",
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_table("report_cases")
    op.drop_table("banned_words")
