"""`posts` loses its columns for searches: `post_search` has them.

Contract: the release before can neither write a post nor search after this. So it comes after the
release that reads `post_search` is in use everywhere (docs/runbook.md).
"""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0058"
down_revision: str | None = "0057"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

contracts = True
"""`linky migrate` leaves this until `--contract`, or until a later revision needs it."""

squawk_ignores = {
    "ban-drop-column": "docs/runbook.md has it run when no server reads the columns any more",
    "require-concurrent-index-deletion": "no server uses it any more, and it goes in a moment",
    "ban-drop-function": "the function of a trigger that goes with it",
}

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    op.execute("DROP TRIGGER posts_copy_search_text ON posts")
    op.execute("DROP FUNCTION linky_copy_search_text()")
    op.drop_index("posts_search_idx", table_name="posts")
    op.drop_column("posts", "search_vector")
    op.drop_column("posts", "search_text")


def downgrade() -> None:
    empty = sa.text("''")
    op.add_column(
        "posts", sa.Column("search_text", sa.Text(), server_default=empty, nullable=False)
    )
    op.add_column(
        "posts",
        sa.Column("search_vector", postgresql.TSVECTOR(), server_default=empty, nullable=False),
    )
    op.execute(
        "UPDATE posts SET search_text = words.search_text,"
        " search_vector = linky_bigrams(replace(words.search_text, E'\\n', ' '))"
        " FROM post_search words WHERE words.post_id = posts.id"
    )
    op.create_index("posts_search_idx", "posts", ["search_vector"], postgresql_using="gin")
    script = (SQL / "post_search_trigger.sql").read_text(encoding="utf-8")
    raw = op.get_bind().connection.dbapi_connection
    assert raw is not None
    raw.run_async(lambda connection: connection.execute(script))
