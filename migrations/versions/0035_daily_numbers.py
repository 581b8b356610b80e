"""Numbers by day that are counted as they come: people, pushes, and how long decisions took.

Expand only: the release before writes none of the new rows and columns, and what it does is missing
in the numbers. Decisions of the last thirty days are counted from their rows, in steps, by a job.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
}

HELD = ("posts", "comments")
DECIDED = {
    "posts_held_decided_idx": ("posts", "held_decided_at"),
    "comments_held_decided_idx": ("comments", "held_decided_at"),
    "report_cases_resolved_idx": ("report_cases", "resolved_at"),
    "lounge_requests_decided_idx": ("lounge_requests", "decided_at"),
}
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # All of this can be done twice: a migration that had to wait too long for a lock begins again.
    # An index that was left half made is dropped before.
    with op.get_context().autocommit_block():
        for table in HELD:
            op.execute(
                f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS held_at timestamptz,"
                " ADD COLUMN IF NOT EXISTS held_decided_at timestamptz"
            )
        for name, (table, column) in DECIDED.items():
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                [column],
                postgresql_where=sa.text(f"{column} IS NOT NULL"),
                postgresql_concurrently=True,
            )
    op.create_table(
        "active_days",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("active_days_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "day", name=op.f("active_days_pkey")),
    )
    op.create_index(op.f("active_days_seen_at_idx"), "active_days", ["seen_at"])
    op.create_table(
        "sent_pushes",
        sa.Column("push_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("push_id", name=op.f("sent_pushes_pkey")),
    )
    op.create_index(op.f("sent_pushes_sent_at_idx"), "sent_pushes", ["sent_at"])
    op.create_table(
        "daily_numbers",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("longest", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", name=op.f("daily_numbers_pkey")),
    )
    op.create_table(
        "daily_numbers_counted",
        sa.Column("only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.CheckConstraint("only_row", name=op.f("daily_numbers_counted_only_row_check")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("daily_numbers_counted_pkey")),
    )
    op.execute("INSERT INTO daily_numbers_counted (until) VALUES (now() - interval '30 days')")


def downgrade() -> None:
    op.drop_table("daily_numbers_counted")
    op.drop_table("daily_numbers")
    op.drop_table("sent_pushes")
    op.drop_table("active_days")
    for name, (table, _) in DECIDED.items():
        op.drop_index(name, table_name=table)
    for table in HELD:
        op.drop_column(table, "held_decided_at")
        op.drop_column(table, "held_at")
