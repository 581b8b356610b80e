"""The tables of the core loop.

Expand only: the release before must run on this schema. A lock is waited for two seconds at most
(`env.py`); indexes on tables in use are made CONCURRENTLY in an `autocommit_block()`.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "auth_nonces",
        sa.Column("nonce_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce_hash", name=op.f("auth_nonces_pkey")),
    )
    op.create_index(op.f("auth_nonces_expires_at_idx"), "auth_nonces", ["expires_at"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("idempotency_keys_pkey")),
    )
    op.create_index(
        op.f("idempotency_keys_created_at_idx"), "idempotency_keys", ["created_at"], unique=False
    )
    op.create_table(
        "lounges",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("search_vector", postgresql.TSVECTOR(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("cover_key", sa.Text(), nullable=True),
        sa.Column("post_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("favorite_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("favorite_count >= 0", name=op.f("lounges_favorite_count_check")),
        sa.CheckConstraint("post_count >= 0", name=op.f("lounges_post_count_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("lounges_pkey")),
        sa.UniqueConstraint("name_key", name=op.f("lounges_name_key_key")),
    )
    op.create_index("lounges_popular_idx", "lounges", ["favorite_count", "id"], unique=False)
    op.create_index(
        "lounges_search_idx", "lounges", ["search_vector"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_user_id", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("bio", sa.Text(), server_default="", nullable=False),
        sa.Column("avatar_key", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("locale", sa.Text(), server_default="ja", nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=True),
        sa.Column("post_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("locale IN ('ja', 'en')", name=op.f("users_locale_check")),
        sa.CheckConstraint(
            "provider IN ('email', 'guest', 'line', 'google', 'apple')",
            name=op.f("users_provider_check"),
        ),
        sa.CheckConstraint("role IN ('user', 'admin', 'guest')", name=op.f("users_role_check")),
        sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f("users_status_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("users_pkey")),
        sa.UniqueConstraint(
            "provider", "provider_user_id", name=op.f("users_provider_provider_user_id_key")
        ),
    )
    op.create_index(
        "users_email_key",
        "users",
        [sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("provider = 'email'"),
    )
    op.create_table(
        "images",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("thumbnail_key", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("blurhash", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "unattached_since",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("images_owner_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("images_pkey")),
        sa.UniqueConstraint("key", name=op.f("images_key_key")),
        sa.UniqueConstraint("thumbnail_key", name=op.f("images_thumbnail_key_key")),
    )
    op.create_index(op.f("images_owner_id_idx"), "images", ["owner_id"], unique=False)
    op.create_index(
        "images_unattached_idx",
        "images",
        ["unattached_since"],
        unique=False,
        postgresql_where=sa.text("unattached_since IS NOT NULL"),
    )
    op.create_table(
        "lounge_favorites",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lounge_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["lounge_id"],
            ["lounges.id"],
            name=op.f("lounge_favorites_lounge_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("lounge_favorites_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "lounge_id", name=op.f("lounge_favorites_pkey")),
    )
    op.create_index(
        op.f("lounge_favorites_lounge_id_idx"), "lounge_favorites", ["lounge_id"], unique=False
    )
    op.create_index(
        "lounge_favorites_newest_idx", "lounge_favorites", ["user_id", "id"], unique=False
    )
    op.create_table(
        "lounge_recent_views",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lounge_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["lounge_id"],
            ["lounges.id"],
            name=op.f("lounge_recent_views_lounge_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("lounge_recent_views_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "lounge_id", name=op.f("lounge_recent_views_pkey")),
    )
    op.create_index(
        op.f("lounge_recent_views_lounge_id_idx"),
        "lounge_recent_views",
        ["lounge_id"],
        unique=False,
    )
    op.create_index(
        "lounge_recent_views_newest_idx", "lounge_recent_views", ["user_id", "id"], unique=False
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("post_author_id", sa.Uuid(), nullable=True),
        sa.Column("post_id", sa.Uuid(), nullable=True),
        sa.Column("comment_id", sa.Uuid(), nullable=True),
        sa.Column("lounge_id", sa.Uuid(), nullable=True),
        sa.Column("lounge_request_id", sa.Uuid(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("post_gone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("comment_gone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("post_muted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "type IN ('comment', 'reply', 'lounge_request_approved', 'lounge_request_rejected', 'moderation', 'report_resolved')",
            name=op.f("notifications_type_check"),
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["users.id"],
            name=op.f("notifications_actor_id_fkey"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["post_author_id"],
            ["users.id"],
            name=op.f("notifications_post_author_id_fkey"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("notifications_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notifications_pkey")),
    )
    op.create_index(op.f("notifications_actor_id_idx"), "notifications", ["actor_id"], unique=False)
    op.create_index("notifications_comment_idx", "notifications", ["comment_id"], unique=False)
    op.create_index("notifications_newest_idx", "notifications", ["user_id", "id"], unique=False)
    op.create_index(
        op.f("notifications_post_author_id_idx"), "notifications", ["post_author_id"], unique=False
    )
    op.create_index("notifications_post_idx", "notifications", ["post_id"], unique=False)
    op.create_index(
        "notifications_unread_idx",
        "notifications",
        ["user_id", "id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("lounge_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("search_vector", postgresql.TSVECTOR(), nullable=False),
        sa.Column("comment_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("like_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("moderation", sa.Text(), server_default="visible", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "moderation IN ('visible', 'held', 'hidden')", name=op.f("posts_moderation_check")
        ),
        sa.CheckConstraint("comment_count >= 0", name=op.f("posts_comment_count_check")),
        sa.CheckConstraint("like_count >= 0", name=op.f("posts_like_count_check")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("posts_author_id_fkey")),
        sa.ForeignKeyConstraint(["lounge_id"], ["lounges.id"], name=op.f("posts_lounge_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("posts_pkey")),
    )
    op.create_index(
        "posts_author_idx",
        "posts",
        ["author_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "posts_lounge_idx",
        "posts",
        ["lounge_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "posts_search_idx", "posts", ["search_vector"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "user_blocks",
        sa.Column("blocker_id", sa.Uuid(), nullable=False),
        sa.Column("blocked_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["blocked_id"],
            ["users.id"],
            name=op.f("user_blocks_blocked_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["blocker_id"],
            ["users.id"],
            name=op.f("user_blocks_blocker_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("blocker_id", "blocked_id", name=op.f("user_blocks_pkey")),
    )
    op.create_index(op.f("user_blocks_blocked_id_idx"), "user_blocks", ["blocked_id"], unique=False)
    op.create_index("user_blocks_newest_idx", "user_blocks", ["blocker_id", "id"], unique=False)
    op.create_table(
        "user_notification_settings",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("push_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("comment", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("reply", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("lounge_request", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("user_notification_settings_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("user_notification_settings_pkey")),
    )
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "last_used_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("user_sessions_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("user_sessions_pkey")),
    )
    op.create_index(op.f("user_sessions_user_id_idx"), "user_sessions", ["user_id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reply_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("moderation", sa.Text(), server_default="visible", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "moderation IN ('visible', 'held', 'hidden')", name=op.f("comments_moderation_check")
        ),
        sa.CheckConstraint("reply_count >= 0", name=op.f("comments_reply_count_check")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("comments_author_id_fkey")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["comments.id"], name=op.f("comments_parent_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("comments_post_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("comments_pkey")),
    )
    op.create_index("comments_author_idx", "comments", ["author_id", "id"], unique=False)
    op.create_index("comments_parent_idx", "comments", ["parent_id", "id"], unique=False)
    op.create_index(
        "comments_post_idx",
        "comments",
        ["post_id", "id"],
        unique=False,
        postgresql_where=sa.text("parent_id IS NULL"),
    )
    op.create_table(
        "post_images",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 9", name=op.f("post_images_position_check")),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.id"], name=op.f("post_images_image_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("post_images_post_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "position", name=op.f("post_images_pkey")),
        sa.UniqueConstraint("image_id", name=op.f("post_images_image_id_key")),
    )
    op.create_table(
        "post_likes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("post_likes_post_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("post_likes_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "post_id", name=op.f("post_likes_pkey")),
    )
    op.create_index("post_likes_newest_idx", "post_likes", ["user_id", "id"], unique=False)
    op.create_index(op.f("post_likes_post_id_idx"), "post_likes", ["post_id"], unique=False)
    op.create_table(
        "post_mutes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("post_mutes_post_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("post_mutes_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "post_id", name=op.f("post_mutes_pkey")),
    )
    op.create_index(op.f("post_mutes_post_id_idx"), "post_mutes", ["post_id"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["user_sessions.id"],
            name=op.f("refresh_tokens_session_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("refresh_tokens_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("refresh_tokens_token_hash_key")),
    )
    op.create_index(
        op.f("refresh_tokens_expires_at_idx"), "refresh_tokens", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("refresh_tokens_session_id_idx"), "refresh_tokens", ["session_id"], unique=False
    )
    op.create_table(
        "user_devices",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("install_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('fcm_token', 'fid')", name=op.f("user_devices_kind_check")),
        sa.CheckConstraint(
            "platform IN ('ios', 'android', 'web')", name=op.f("user_devices_platform_check")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["user_sessions.id"],
            name=op.f("user_devices_session_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("user_devices_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("user_devices_pkey")),
        sa.UniqueConstraint("install_id", name=op.f("user_devices_install_id_key")),
        sa.UniqueConstraint("kind", "value", name=op.f("user_devices_kind_value_key")),
    )
    op.create_index(
        op.f("user_devices_session_id_idx"), "user_devices", ["session_id"], unique=False
    )
    op.create_index(op.f("user_devices_user_id_idx"), "user_devices", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("user_devices_user_id_idx"), table_name="user_devices")
    op.drop_index(op.f("user_devices_session_id_idx"), table_name="user_devices")
    op.drop_table("user_devices")
    op.drop_index(op.f("refresh_tokens_session_id_idx"), table_name="refresh_tokens")
    op.drop_index(op.f("refresh_tokens_expires_at_idx"), table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index(op.f("post_mutes_post_id_idx"), table_name="post_mutes")
    op.drop_table("post_mutes")
    op.drop_index(op.f("post_likes_post_id_idx"), table_name="post_likes")
    op.drop_index("post_likes_newest_idx", table_name="post_likes")
    op.drop_table("post_likes")
    op.drop_table("post_images")
    op.drop_index(
        "comments_post_idx", table_name="comments", postgresql_where=sa.text("parent_id IS NULL")
    )
    op.drop_index("comments_parent_idx", table_name="comments")
    op.drop_index("comments_author_idx", table_name="comments")
    op.drop_table("comments")
    op.drop_index(op.f("user_sessions_user_id_idx"), table_name="user_sessions")
    op.drop_table("user_sessions")
    op.drop_table("user_notification_settings")
    op.drop_index("user_blocks_newest_idx", table_name="user_blocks")
    op.drop_index(op.f("user_blocks_blocked_id_idx"), table_name="user_blocks")
    op.drop_table("user_blocks")
    op.drop_index("posts_search_idx", table_name="posts", postgresql_using="gin")
    op.drop_index(
        "posts_lounge_idx", table_name="posts", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_index(
        "posts_author_idx", table_name="posts", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_table("posts")
    op.drop_index(
        "notifications_unread_idx",
        table_name="notifications",
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.drop_index("notifications_post_idx", table_name="notifications")
    op.drop_index(op.f("notifications_post_author_id_idx"), table_name="notifications")
    op.drop_index("notifications_newest_idx", table_name="notifications")
    op.drop_index("notifications_comment_idx", table_name="notifications")
    op.drop_index(op.f("notifications_actor_id_idx"), table_name="notifications")
    op.drop_table("notifications")
    op.drop_index("lounge_recent_views_newest_idx", table_name="lounge_recent_views")
    op.drop_index(op.f("lounge_recent_views_lounge_id_idx"), table_name="lounge_recent_views")
    op.drop_table("lounge_recent_views")
    op.drop_index("lounge_favorites_newest_idx", table_name="lounge_favorites")
    op.drop_index(op.f("lounge_favorites_lounge_id_idx"), table_name="lounge_favorites")
    op.drop_table("lounge_favorites")
    op.drop_index(
        "images_unattached_idx",
        table_name="images",
        postgresql_where=sa.text("unattached_since IS NOT NULL"),
    )
    op.drop_index(op.f("images_owner_id_idx"), table_name="images")
    op.drop_table("images")
    op.drop_index(
        "users_email_key", table_name="users", postgresql_where=sa.text("provider = 'email'")
    )
    op.drop_table("users")
    op.drop_index("lounges_search_idx", table_name="lounges", postgresql_using="gin")
    op.drop_index("lounges_popular_idx", table_name="lounges")
    op.drop_table("lounges")
    op.drop_index(op.f("idempotency_keys_created_at_idx"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("auth_nonces_expires_at_idx"), table_name="auth_nonces")
    op.drop_table("auth_nonces")
