"""A function that waits for a mute and then looks for it.

A comment is one statement, and a statement does not see what was committed after it began. A
VOLATILE function does: each statement in it sees what was committed before that statement.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0024"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HAS_MUTED = """
CREATE FUNCTION linky_has_muted(reader uuid, post uuid, lock bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(lock);
    RETURN EXISTS (SELECT FROM post_mutes WHERE user_id = reader AND post_id = post);
END
$$
"""


def upgrade() -> None:
    op.execute(HAS_MUTED)


def downgrade() -> None:
    op.execute("DROP FUNCTION linky_has_muted(uuid, uuid, bigint)")
