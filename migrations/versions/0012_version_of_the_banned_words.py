"""A version of the list of banned words, which a server compares before it trusts the list that it
has built.

Expand only: the release before must run on this schema. It changes the list and knows nothing of
the version, so a trigger changes that.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FUNCTION = """
CREATE FUNCTION linky_banned_words_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE banned_words_version SET version = uuidv7();
    RETURN NULL;
END
$$
"""
TRIGGER = """
CREATE TRIGGER banned_words_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON banned_words
FOR EACH STATEMENT EXECUTE FUNCTION linky_banned_words_changed()
"""


def upgrade() -> None:
    op.create_table(
        "banned_words_version",
        sa.Column("only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.CheckConstraint("only_row", name=op.f("banned_words_version_only_row_check")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("banned_words_version_pkey")),
    )
    op.execute("INSERT INTO banned_words_version DEFAULT VALUES")
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER banned_words_changed ON banned_words")
    op.execute("DROP FUNCTION linky_banned_words_changed()")
    op.drop_table("banned_words_version")
