"""When a post was muted, and below which comment a reply stands that a notification is about.

A function says whether a user does not see the comment that a reply stands below, and so not the
reply. Notifications ask it, and know no comments themselves.

Expand only: the release before writes mutes without naming `id`, which has a default. Mutes that are
there get an id in batches: they seem to be of the time of this migration, since the true one is not
known. `parent_id` stays NULL in old notifications.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
}

HIDES_REPLIES = """
CREATE OR REPLACE FUNCTION linky_hides_replies(reader uuid, parent uuid) RETURNS boolean
LANGUAGE sql STABLE STRICT AS $$
    SELECT EXISTS (
        SELECT FROM comments
        WHERE comments.id = parent AND (
            comments.moderation = 'hidden'
            OR (comments.moderation = 'held' AND comments.author_id IS DISTINCT FROM reader)
            OR EXISTS (SELECT FROM user_departures WHERE user_id = comments.author_id)
            OR EXISTS (
                SELECT FROM user_blocks
                WHERE blocker_id = reader AND blocked_id = comments.author_id
            )
        )
    )
$$
"""

SQL = Path(__file__).parents[1] / "sql"


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
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE notifications ADD COLUMN IF NOT EXISTS parent_id uuid")
        op.execute(HIDES_REPLIES)
        # Two steps: a column that is added with a volatile default writes the whole table again.
        op.execute("ALTER TABLE post_mutes ADD COLUMN IF NOT EXISTS id uuid")
        op.execute("ALTER TABLE post_mutes ALTER COLUMN id SET DEFAULT uuidv7()")
        run_script("post_mutes_fill.sql")
        op.drop_index(
            "post_mutes_newest_idx",
            table_name="post_mutes",
            if_exists=True,
            postgresql_concurrently=True,
        )
        op.create_index(
            "post_mutes_newest_idx",
            "post_mutes",
            ["user_id", "id"],
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("post_mutes_newest_idx", table_name="post_mutes")
    op.drop_column("post_mutes", "id")
    op.execute("DROP FUNCTION linky_hides_replies(uuid, uuid)")
    op.drop_column("notifications", "parent_id")
