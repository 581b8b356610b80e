"""New posts that were shown later, forgotten views, and when a guest became a member.

Lists get smaller indexes: of what is not hidden, or forgotten. 0057 drops those that they replace:
until then the release before reads its lists by them.

Expand only. The release before notes none of the three: a post that it releases is not new, a guest
who becomes a member there counts on the day of their first visit, and it deletes forgotten views.
It shows those that this release has marked, until they are deleted. A lounge that is viewed there after
it was forgotten stays marked: it is missing from the list until the next look in this release.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0042"
down_revision: str | None = "0041"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {"prefer-robust-stmts": "an index that was left half made is dropped before"}

HAS_NEW_POSTS = """
CREATE OR REPLACE FUNCTION linky_has_new_posts(reader uuid, lounge uuid, since uuid)
RETURNS boolean LANGUAGE sql STABLE STRICT AS $$
    SELECT EXISTS (
        SELECT FROM (
            (
                SELECT posts.id, posts.author_id, posts.moderation, since AS hidden_id FROM posts
                WHERE posts.lounge_id = lounge AND posts.id > since
                    AND posts.deleted_at IS NULL AND posts.moderation <> 'hidden'
                ORDER BY posts.id DESC
                LIMIT 200
            )
            UNION ALL
            (
                SELECT posts.id, posts.author_id, posts.moderation,
                    coalesce(posts.hidden_id, posts.id) FROM posts
                WHERE posts.lounge_id = lounge AND posts.shown_id > since
                    AND posts.deleted_at IS NULL
                ORDER BY posts.shown_id DESC
                LIMIT 200
            )
        ) AS newest
        WHERE newest.moderation = 'visible'
            AND newest.hidden_id <= since
            AND newest.author_id <> reader
            AND NOT EXISTS (
                SELECT FROM user_departures WHERE user_id = newest.author_id
            )
            AND NOT EXISTS (
                SELECT FROM user_blocks
                WHERE blocker_id = reader AND blocked_id = newest.author_id
            )
            AND NOT EXISTS (
                SELECT FROM post_mutes WHERE user_id = reader AND post_id = newest.id
            )
    )
$$
"""
BEFORE = """
CREATE OR REPLACE FUNCTION linky_has_new_posts(reader uuid, lounge uuid, since uuid)
RETURNS boolean LANGUAGE sql STABLE STRICT AS $$
    SELECT EXISTS (
        SELECT FROM (
            SELECT posts.id, posts.author_id, posts.moderation FROM posts
            WHERE posts.lounge_id = lounge AND posts.id > since AND posts.deleted_at IS NULL
            ORDER BY posts.id DESC
            LIMIT 200
        ) AS newest
        WHERE newest.moderation = 'visible'
            AND newest.author_id <> reader
            AND NOT EXISTS (
                SELECT FROM user_departures WHERE user_id = newest.author_id
            )
            AND NOT EXISTS (
                SELECT FROM user_blocks
                WHERE blocker_id = reader AND blocked_id = newest.author_id
            )
            AND NOT EXISTS (
                SELECT FROM post_mutes WHERE user_id = reader AND post_id = newest.id
            )
    )
$$
"""

COLUMNS = (
    ("posts", "hidden_id uuid"),
    ("posts", "shown_id uuid"),
    ("lounge_recent_views", "forgotten boolean DEFAULT false NOT NULL"),
    ("users", "joined_at timestamptz"),
)
PRESENT = "moderation <> 'hidden' AND deleted_at IS NULL"
INDEXES = {
    "posts_present_idx": ("posts", ["id"], PRESENT),
    "posts_lounge_present_idx": ("posts", ["lounge_id", "id"], PRESENT),
    "comments_post_present_idx": (
        "comments",
        ["post_id", "id"],
        "parent_id IS NULL AND moderation <> 'hidden'",
    ),
    "posts_shown_idx": (
        "posts",
        ["lounge_id", "shown_id"],
        "shown_id IS NOT NULL AND deleted_at IS NULL",
    ),
    "lounge_recent_views_listed_idx": (
        "lounge_recent_views",
        ["user_id", "id"],
        "NOT forgotten",
    ),
    "users_joined_at_idx": ("users", ["joined_at"], "joined_at IS NOT NULL"),
}


def upgrade() -> None:
    # All of this can be done twice: a migration that had to wait too long for a lock begins again.
    with op.get_context().autocommit_block():
        for table, column in COLUMNS:
            op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column}")
        for index, (table, columns, condition) in INDEXES.items():
            op.drop_index(index, table_name=table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                index,
                table,
                columns,
                postgresql_concurrently=True,
                postgresql_where=sa.text(condition),
            )
    op.execute(HAS_NEW_POSTS)


def downgrade() -> None:
    op.execute(BEFORE)
    for index, (table, _, _) in INDEXES.items():
        op.drop_index(index, table_name=table)
    # What was forgotten is not to be listed again.
    op.execute("DELETE FROM lounge_recent_views WHERE forgotten")
    for table, column in COLUMNS:
        op.drop_column(table, column.split()[0])
