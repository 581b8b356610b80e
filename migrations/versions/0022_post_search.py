"""The words of posts move into a table beside them: `post_search`.

Expand only: the release before goes on with the columns of `posts`. A trigger copies what it
writes, and what is there already is copied in batches of a thousand, the newest first. `posts`
gets room in its pages: its counts change often, and an update in the same page touches no index.
"""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "all of it can be done twice; an index that was left half made goes before",
}

SQL = Path(__file__).parents[1] / "sql"

# gin_clean_pending_list is for the owner of the index, and the worker has the server's role.
CLEAN = """
CREATE OR REPLACE FUNCTION linky_clean_post_search() RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog AS $$ SELECT gin_clean_pending_list('public.post_search_idx') $$
"""


def run_script(name: str) -> None:
    script = (SQL / name).read_text(encoding="utf-8")
    if op.get_context().as_sql:
        op.execute(script)
        return
    raw = op.get_bind().connection.dbapi_connection
    assert raw is not None
    raw.run_async(lambda connection: connection.execute(script))


def upgrade() -> None:
    # All of this can be done twice: a migration that had to wait too long for a lock begins again.
    # An index that was left half made is dropped before.
    with op.get_context().autocommit_block():
        op.create_table(
            "post_search",
            sa.Column("post_id", sa.Uuid(), nullable=False),
            sa.Column("lounge_id", sa.Uuid(), nullable=False),
            sa.Column("search_text", sa.Text(), nullable=False),
            sa.ForeignKeyConstraint(
                ["post_id"], ["posts.id"], name=op.f("post_search_post_id_fkey"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("post_id", name=op.f("post_search_pkey")),
            if_not_exists=True,
        )
        run_script("post_lexemes.sql")
        op.drop_index(
            "post_search_idx",
            table_name="post_search",
            if_exists=True,
            postgresql_concurrently=True,
        )
        op.create_index(
            "post_search_idx",
            "post_search",
            [sa.text("linky_post_lexemes(post_id, lounge_id, search_text)")],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "on"},
            postgresql_concurrently=True,
        )
        # No statistics: ANALYZE would run the function 30,000 times, and no plan needs them.
        op.execute("ALTER INDEX post_search_idx ALTER COLUMN 1 SET STATISTICS 0")
        op.execute(CLEAN)
        op.execute("ALTER TABLE posts SET (fillfactor = 85)")
        # This release does not name these columns.
        op.execute("ALTER TABLE posts ALTER COLUMN search_text SET DEFAULT ''")
        op.execute("ALTER TABLE posts ALTER COLUMN search_vector SET DEFAULT ''")
        run_script("post_search_trigger.sql")
        run_script("post_search_fill.sql")


def downgrade() -> None:
    op.execute("DROP TRIGGER posts_copy_search_text ON posts")
    op.execute("DROP FUNCTION linky_copy_search_text()")
    op.execute("ALTER TABLE posts ALTER COLUMN search_vector DROP DEFAULT")
    op.execute("ALTER TABLE posts ALTER COLUMN search_text DROP DEFAULT")
    op.execute("ALTER TABLE posts RESET (fillfactor)")
    op.execute("DROP FUNCTION linky_clean_post_search()")
    op.drop_table("post_search")
    op.execute("DROP FUNCTION linky_post_lexemes(uuid, uuid, text)")
