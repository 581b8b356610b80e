"""Who is notified of a lounge's posts and of a post's comments, and whether a lounge has new posts.

Expand only. The release before does not know the two tables, writes settings without the new
columns, and makes no notifications of the new types. It keeps only the 50 latest views of a user:
after a roll back, lounges that were looked at longer ago have new posts again.

A function says whether a lounge has a post that is new to a user: lounges know no posts. It looks
at the newest 200 at most, so that a flood by one whom the user has blocked costs little.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
    "ban-drop-constraint": "another takes its place at once, and allows more",
}

HAS_NEW_POSTS = """
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
BEFORE = (
    *("comment", "reply", "lounge_request_approved", "lounge_request_rejected"),
    *("moderation", "report_resolved"),
)
TYPES = (*BEFORE, "lounge_post", "watched")
SETTINGS = ("lounge_post", "watched", "announcement")
ONCE = {"lounge_post": "post_id", "watched": "comment_id"}
"""Of which thing a user gets one notification of a type."""


def set_types(types: Sequence[str]) -> None:
    listed = ", ".join(f"'{each}'" for each in types)
    op.execute(
        "ALTER TABLE notifications DROP CONSTRAINT IF EXISTS notifications_type_check,"
        f" ADD CONSTRAINT notifications_type_check CHECK (type IN ({listed})) NOT VALID"
    )
    op.execute("ALTER TABLE notifications VALIDATE CONSTRAINT notifications_type_check")


def upgrade() -> None:
    # All of this can be done twice: a migration that had to wait too long for a lock begins again.
    with op.get_context().autocommit_block():
        set_types(TYPES)
        for setting in SETTINGS:
            op.execute(
                "ALTER TABLE user_notification_settings"
                f" ADD COLUMN IF NOT EXISTS {setting} boolean DEFAULT true NOT NULL"
            )
        for kind, subject in ONCE.items():
            index = f"notifications_{kind}_key"
            op.drop_index(
                index, table_name="notifications", if_exists=True, postgresql_concurrently=True
            )
            op.create_index(
                index,
                "notifications",
                [subject, "user_id"],
                unique=True,
                postgresql_concurrently=True,
                postgresql_where=sa.text(f"type = '{kind}'"),
            )
    op.execute(HAS_NEW_POSTS)
    create_subscriptions()
    create_watches()


def create_subscriptions() -> None:
    op.create_table(
        "lounge_subscriptions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lounge_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pushed_id", sa.Uuid(), nullable=True),
        sa.Column("push_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "level IN ('none', 'all')", name=op.f("lounge_subscriptions_level_check")
        ),
        sa.ForeignKeyConstraint(
            ["lounge_id"],
            ["lounges.id"],
            name=op.f("lounge_subscriptions_lounge_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("lounge_subscriptions_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "lounge_id", name=op.f("lounge_subscriptions_pkey")),
    )
    op.create_index(
        "lounge_subscriptions_lounge_idx",
        "lounge_subscriptions",
        ["lounge_id", "level", "user_id"],
    )
    op.create_index(
        "lounge_subscriptions_due_idx",
        "lounge_subscriptions",
        ["push_due_at"],
        postgresql_where=sa.text("push_due_at IS NOT NULL"),
    )


def create_watches() -> None:
    op.create_table(
        "post_watches",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("post_watches_post_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("post_watches_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "post_id", name=op.f("post_watches_pkey")),
    )
    op.create_index("post_watches_post_idx", "post_watches", ["post_id", "user_id"])


def downgrade() -> None:
    op.drop_table("post_watches")
    op.drop_table("lounge_subscriptions")
    op.execute("DROP FUNCTION linky_has_new_posts(uuid, uuid, uuid)")
    for kind in ONCE:
        op.drop_index(f"notifications_{kind}_key", table_name="notifications")
    for setting in SETTINGS:
        op.drop_column("user_notification_settings", setting)
    op.execute("DELETE FROM notifications WHERE type IN ('lounge_post', 'watched')")
    set_types(BEFORE)
