"""When a case was announced as due soon, and indexes of the cases that are still to be announced.

Expand only: the release before does not write the new column. Cases that are due already are noted
by the first run of the periodic; it announces no overdue case as due soon.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
}

INDEXES = {
    "report_cases_due_soon_idx": "status = 'open' AND due_soon_noted_at IS NULL",
    "report_cases_overdue_idx": "status = 'open' AND overdue_noted_at IS NULL",
}


def upgrade() -> None:
    # All of this can be done twice: a migration that had to wait too long for a lock begins again.
    # An index that was left half made is dropped before.
    with op.get_context().autocommit_block():
        op.execute(
            "ALTER TABLE report_cases ADD COLUMN IF NOT EXISTS due_soon_noted_at timestamptz"
        )
        for name, where in INDEXES.items():
            op.drop_index(
                name, table_name="report_cases", if_exists=True, postgresql_concurrently=True
            )
            op.create_index(
                name,
                "report_cases",
                ["due_at"],
                postgresql_where=sa.text(where),
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="report_cases")
    op.drop_column("report_cases", "due_soon_noted_at")
