"""Pictures of hidden posts leave their public addresses; each report keeps its own copy of what it
is about; copies and reporters' words are erased in time.

Expand only: the release before must run on this schema. It marks no pictures when it hides a post;
the hourly job `post.settle_pictures` does that for it, and for posts hidden before this migration.
It gives a report no copy of its own: NULL stands for the case's first copy, as it is there.

One thing can't be avoided: once somebody has reported the same target twice, the release before
answers 500 to their third report of it.

Before a downgrade restore the hidden posts, or bring what lies under `hidden/` in the store back: the
release before looks for pictures at their public addresses alone.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = {
    "images": "hidden boolean DEFAULT false NOT NULL",
    "report_cases": "erased_at timestamp with time zone",
    "reports": "copy_id uuid",
}
# Table, columns, condition.
INDEXES: dict[str, tuple[str, list[str], str | None]] = {
    "images_hidden_idx": ("images", ["id"], "hidden"),
    "posts_hidden_idx": ("posts", ["id"], "moderation = 'hidden' AND deleted_at IS NULL"),
    "users_avatar_key_idx": ("users", ["avatar_key"], "avatar_key IS NOT NULL"),
    # One report a person and case. A target has one open case, so a user has one open report on it at most.
    "reports_case_id_reporter_id_key": ("reports", ["case_id", "reporter_id"], None),
    "reports_reporter_idx": ("reports", ["reporter_id", "target_type", "target_id"], None),
    "reports_copy_id_idx": ("reports", ["copy_id"], None),
    "report_cases_to_erase_idx": (
        "report_cases",
        ["resolved_at"],
        "resolved_at IS NOT NULL AND erased_at IS NULL",
    ),
}


def upgrade() -> None:
    # All of this can be done twice: a migration that had to wait too long for a lock begins again.
    # An index that was left half made is dropped before.
    with op.get_context().autocommit_block():
        for table, column in COLUMNS.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column}")
        for name, (table, columns, where) in INDEXES.items():
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                columns,
                unique=name.endswith("_key"),
                postgresql_where=None if where is None else sa.text(where),
                postgresql_concurrently=True,
            )
        # The index on case and reporter does what it did.
        op.drop_index(
            "reports_case_id_idx",
            table_name="reports",
            if_exists=True,
            postgresql_concurrently=True,
        )
    op.create_table(
        "report_copies",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["report_cases.id"], name=op.f("report_copies_case_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("report_copies_pkey")),
        sa.UniqueConstraint("case_id", "digest", name=op.f("report_copies_case_id_digest_key")),
    )
    op.create_index("report_copies_case_idx", "report_copies", ["case_id", "id"])
    # Not looked at row by row while the table is locked: no row has a copy yet.
    op.execute(
        "ALTER TABLE reports ADD CONSTRAINT reports_copy_id_fkey"
        " FOREIGN KEY (copy_id) REFERENCES report_copies (id) NOT VALID"
    )
    op.execute("ALTER TABLE reports VALIDATE CONSTRAINT reports_copy_id_fkey")
    op.drop_constraint(
        op.f("reports_reporter_id_target_type_target_id_key"), "reports", type_="unique"
    )


def downgrade() -> None:
    # Of somebody's reports on one target the release before knows only one: the first.
    op.execute(
        "DELETE FROM reports AS later USING reports AS first"
        " WHERE later.reporter_id = first.reporter_id AND later.target_type = first.target_type"
        " AND later.target_id = first.target_id AND later.id > first.id"
    )
    op.create_unique_constraint(
        op.f("reports_reporter_id_target_type_target_id_key"),
        "reports",
        ["reporter_id", "target_type", "target_id"],
    )
    op.create_index("reports_case_id_idx", "reports", ["case_id"])
    for name, (table, _, _) in reversed(INDEXES.items()):
        op.drop_index(name, table_name=table)
    op.drop_column("reports", "copy_id")
    op.drop_table("report_copies")
    op.drop_column("report_cases", "erased_at")
    op.drop_column("images", "hidden")
