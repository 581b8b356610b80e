"""Suspensions that end by themselves, and that hide all that a user has written.

Expand only. The release before suspends and restores users by `status` alone: a trigger gives such a
suspension its id, and empties the columns when it ends. `hidden_with_author` marks what a suspension
has hidden: exactly that is shown again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
}

KEEP_SUSPENSION = """
CREATE OR REPLACE FUNCTION linky_keep_suspension() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'suspended' THEN
        NEW.suspension_id := NULL;
        NEW.suspended_until := NULL;
        NEW.suspension_hides := false;
    ELSIF NEW.suspension_id IS NULL THEN
        NEW.suspension_id := gen_random_uuid();
    END IF;
    RETURN NEW;
END
$$
"""

TRIGGER = """
CREATE OR REPLACE TRIGGER users_keep_suspension BEFORE INSERT OR UPDATE OF status ON users
FOR EACH ROW WHEN (NEW.status = 'suspended' OR NEW.suspension_id IS NOT NULL)
EXECUTE FUNCTION linky_keep_suspension()
"""

COLUMNS = (
    ("users", "suspension_id uuid"),
    ("users", "suspended_until timestamp with time zone"),
    ("users", "suspension_hides boolean DEFAULT false NOT NULL"),
    ("posts", "hidden_with_author boolean DEFAULT false NOT NULL"),
    ("comments", "hidden_with_author boolean DEFAULT false NOT NULL"),
)
# Table, columns, condition.
INDEXES = {
    "users_suspension_id_idx": ("users", ["suspension_id"], "suspension_id IS NOT NULL"),
    "users_suspended_until_idx": ("users", ["suspended_until"], "suspended_until IS NOT NULL"),
    "posts_hidden_with_author_idx": (
        "posts",
        ["author_id", "id"],
        "hidden_with_author AND deleted_at IS NULL",
    ),
    "comments_hidden_with_author_idx": (
        "comments",
        ["author_id", "id"],
        "hidden_with_author AND deleted_at IS NULL",
    ),
}


def upgrade() -> None:
    # All of this can be done twice: a migration that had to wait too long for a lock begins again.
    # An index that was left half made is dropped before.
    with op.get_context().autocommit_block():
        for table, column in COLUMNS:
            op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column}")
        op.execute(KEEP_SUSPENSION)
        op.execute(TRIGGER)
        op.execute(
            "UPDATE users SET suspension_id = gen_random_uuid()"
            " WHERE status = 'suspended' AND suspension_id IS NULL"
        )
        for name, (table, columns, where) in INDEXES.items():
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                columns,
                postgresql_concurrently=True,
                postgresql_where=sa.text(where),
            )


def downgrade() -> None:
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
    op.execute("DROP TRIGGER users_keep_suspension ON users")
    op.execute("DROP FUNCTION linky_keep_suspension()")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.split()[0])
