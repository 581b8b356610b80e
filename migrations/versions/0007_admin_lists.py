"""What admins look for: users by name or address, what is held, counts by day, why one is
suspended.

Expand only: the release before must run on this schema. The search columns are generated, so that
whoever writes a name, or erases one, need not think of them.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# As `fold` and `bigrams` of app/utils/text.py: full case folding, and lexemes of two letters.
FOLD = """
CREATE FUNCTION linky_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN normalize(casefold(normalize(value, NFKC) COLLATE pg_catalog.pg_unicode_fast), NFKC)
"""
BIGRAMS = """
CREATE FUNCTION linky_bigrams(folded text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT substr(word, place, 2))), ''::tsvector)
    FROM string_to_table(folded, ' ') AS word, generate_series(1, length(word)) AS place
)
"""
SEARCHED = "linky_fold((nickname || ' '::text) || COALESCE(email, ''::text))"

BY_DAY = ("users", "posts", "comments", "reports")


def upgrade() -> None:
    op.execute(FOLD)
    op.execute(BIGRAMS)
    op.add_column(
        "users",
        sa.Column("search_text", sa.Text(), sa.Computed(SEARCHED, persisted=True), nullable=False),
    )
    op.add_column(
        "users",
        sa.Column(
            "search_vector",
            postgresql.TSVECTOR(),
            sa.Computed(f"linky_bigrams({SEARCHED})", persisted=True),
            nullable=False,
        ),
    )
    op.add_column(
        "users", sa.Column("suspension_reason", sa.Text(), server_default="", nullable=False)
    )
    op.create_index("users_search_idx", "users", ["search_vector"], postgresql_using="gin")
    op.create_index("users_role_idx", "users", ["role", "id"])
    op.create_index("users_status_idx", "users", ["status", "id"])
    for table in ("posts", "comments"):
        op.create_index(
            f"{table}_held_idx",
            table,
            ["id"],
            postgresql_where=sa.text("moderation = 'held' AND deleted_at IS NULL"),
        )
    for table in BY_DAY:
        op.create_index(f"{table}_created_at_idx", table, ["created_at"])
    op.create_table(
        "daily_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sign_ups", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("daily_counts_pkey")),
    )


def downgrade() -> None:
    op.drop_table("daily_counts")
    for table in BY_DAY:
        op.drop_index(f"{table}_created_at_idx", table_name=table)
    for table in ("posts", "comments"):
        op.drop_index(f"{table}_held_idx", table_name=table)
    op.drop_index("users_status_idx", table_name="users")
    op.drop_index("users_role_idx", table_name="users")
    op.drop_index("users_search_idx", table_name="users")
    op.drop_column("users", "suspension_reason")
    op.drop_column("users", "search_vector")
    op.drop_column("users", "search_text")
    op.execute("DROP FUNCTION linky_bigrams(text)")
    op.execute("DROP FUNCTION linky_fold(text)")
