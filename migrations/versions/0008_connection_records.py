"""Connection records; the search for them in the audit log; an index for each foreign key.

Expand only: the release before must run on this schema. The indexes come first and each by itself,
since an `autocommit_block` commits what stands before it: so a migration that had to wait too long
for a lock can begin anew. One that was left half made is dropped before.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Without them whoever erases a user, a post or a lounge has each of these tables read whole. The
# partial ones that are there can't serve: a foreign key asks for deleted rows too.
INDEXES = {
    "comments_post_id_idx": ("comments", ["post_id"]),
    "posts_author_id_idx": ("posts", ["author_id", "id"]),
    "lounge_requests_decided_by_idx": ("lounge_requests", ["decided_by"]),
    "lounge_requests_lounge_id_idx": ("lounge_requests", ["lounge_id"]),
}

TARGETS = "target_type IN ('user', 'lounge', 'lounge_request', 'post', 'comment', 'report', 'banned_words'{more})"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, (table, columns) in INDEXES.items():
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
            op.create_index(name, table, columns, postgresql_concurrently=True)
        # `posts_author_id_idx` does what it did, and has the deleted ones too.
        op.drop_index(
            "posts_author_idx", table_name="posts", if_exists=True, postgresql_concurrently=True
        )
    op.create_table(
        "connection_records",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("address", postgresql.INET(), nullable=True),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "act IN ('signed_up', 'signed_in', 'signed_out', 'left', 'created', 'changed')",
            name=op.f("connection_records_act_check"),
        ),
        sa.CheckConstraint(
            "subject_type IN ('account', 'session', 'profile', 'post', 'comment', 'image', 'lounge_request')",
            name=op.f("connection_records_subject_type_check"),
        ),
        sa.CheckConstraint("port BETWEEN 1 AND 65535", name=op.f("connection_records_port_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("connection_records_pkey")),
    )
    op.create_index("connection_records_subject_idx", "connection_records", ["subject_id", "id"])
    op.create_index("connection_records_user_idx", "connection_records", ["user_id", "id"])
    _allow_targets(", 'records'")


def downgrade() -> None:
    # What was searched for stays in the log, which cannot be changed: only new rows are checked.
    _allow_targets("", "NOT VALID")
    op.drop_table("connection_records")
    op.create_index(
        "posts_author_idx",
        "posts",
        ["author_id", "id"],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    for name, (table, _) in reversed(INDEXES.items()):
        op.drop_index(name, table_name=table)


def _allow_targets(more: str, how: str = "") -> None:
    # By hand, so that NOT VALID can be said; the log is small.
    op.drop_constraint(op.f("audit_log_target_type_check"), "audit_log", type_="check")
    op.execute(
        "ALTER TABLE audit_log ADD CONSTRAINT audit_log_target_type_check "
        f"CHECK ({TARGETS.format(more=more)}) {how}"
    )
