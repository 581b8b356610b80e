"""Times that a zone can't express are refused by the database, and repaired where they are stored.

`infinity` and the year 9999 made every page that shows the time fail.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0059"
down_revision: str | None = "0058"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = {"users": "suspended_until", "waiting_announcements": "publish_at"}

squawk_ignores = {
    "prefer-robust-stmts": "the constraints are dropped first, and validating twice does no harm",
    "ban-drop-constraint": "only what a run of this migration left that was interrupted",
}

REPAIR = """
UPDATE users SET suspended_until = NULL WHERE suspended_until >= '9000-01-01 00:00:00+00';
UPDATE users SET suspended_until = '2000-01-01 00:00:00+00'
    WHERE suspended_until < '2000-01-01 00:00:00+00';
UPDATE waiting_announcements SET publish_at = now() + interval '10 years'
    WHERE publish_at >= '9000-01-01 00:00:00+00';
UPDATE waiting_announcements SET publish_at = now() WHERE publish_at < '2000-01-01 00:00:00+00';
"""
"""A suspension until the end of time has no end."""


def upgrade() -> None:
    for table, column in COLUMNS.items():
        # NOT VALID: it holds for new rows at once, and reads none under the lock.
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_{column}_check")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_check"
            f" CHECK ({column} >= '2000-01-01 00:00:00+00'"
            f" AND {column} < '9000-01-01 00:00:00+00') NOT VALID"
        )
    for statement in REPAIR.strip().split(";\n"):
        op.execute(statement)
    with op.get_context().autocommit_block():
        for table, column in COLUMNS.items():
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {table}_{column}_check")


def downgrade() -> None:
    for table, column in COLUMNS.items():
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_check")
