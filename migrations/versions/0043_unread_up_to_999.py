"""Unread notifications are counted along an index that has only those in sight.

By another one those that are old are deleted, a batch at a time.

And `live_now` says where the log of changes is at this moment. `live_advance` does not wait for
another reader who moves the inbox, so it may answer with the position of a moment before.

Expand only: the release before writes and reads as it did.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0043"
down_revision: str | None = "0042"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
}

TABLE = "notifications"
UNREAD = "notifications_shown_unread_idx"
OLDEST = "notifications_oldest_idx"
IN_SIGHT = "read_at IS NULL AND NOT post_gone AND NOT comment_gone AND NOT post_muted"

# What was committed before the call is below the answer: one statement after the lock sees all of it.
# Writes that go on meanwhile do not keep it. The lock is that of `live_advance`: who holds it moves
# what there is, which takes milliseconds. VOLATILE, so that each statement sees what was
# committed before that statement.
NOW = """
CREATE OR REPLACE FUNCTION live_now() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT FROM live_inbox) THEN
        PERFORM pg_advisory_xact_lock(815);
        WITH taken AS (
            DELETE FROM live_inbox
            RETURNING topic, kind, subject, only_for
        )
        INSERT INTO live_changes (topic, kind, subject, only_for)
        SELECT topic, kind, subject, only_for FROM taken;
    END IF;
    RETURN coalesce(
        (SELECT max(pos) FROM live_changes), (SELECT pruned_to FROM live_epoch), 0
    );
END
$$
"""


def upgrade() -> None:
    op.execute(NOW)
    with op.get_context().autocommit_block():
        for name in (UNREAD, OLDEST):
            op.drop_index(name, table_name=TABLE, if_exists=True, postgresql_concurrently=True)
        op.create_index(OLDEST, TABLE, ["created_at", "id"], postgresql_concurrently=True)
        op.create_index(
            UNREAD,
            TABLE,
            ["user_id", "id"],
            postgresql_concurrently=True,
            postgresql_where=sa.text(IN_SIGHT),
        )


def downgrade() -> None:
    for name in (UNREAD, OLDEST):
        op.drop_index(name, table_name=TABLE)
    op.execute("DROP FUNCTION live_now()")
