"""An index for the latest reports of a reporter, whom the console shows beside what they report.

Expand only: the release before does not use it.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0052"
down_revision: str | None = "0050"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {"prefer-robust-stmts": "an index that was left half made is dropped before"}

NAME, TABLE = "reports_reporter_newest_idx", "reports"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, table_name=TABLE, if_exists=True, postgresql_concurrently=True)
        op.create_index(NAME, TABLE, ["reporter_id", "id"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(NAME, table_name=TABLE)
