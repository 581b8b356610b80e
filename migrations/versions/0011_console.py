"""What the console asks for: acts on jobs in the audit log, and what is late or about one author
found along an index.

Expand only: the release before must run on this schema.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TARGETS = (
    "'user', 'lounge', 'lounge_request', 'post', 'comment', 'report', 'banned_words', 'records'"
)


def upgrade() -> None:
    op.drop_constraint(op.f("audit_log_target_type_check"), "audit_log", type_="check")
    # Not looked at row by row while the table is locked; whatever the old one let in is right.
    op.execute(
        "ALTER TABLE audit_log ADD CONSTRAINT audit_log_target_type_check"
        f" CHECK (target_type IN ({TARGETS}, 'job')) NOT VALID"
    )
    op.execute("ALTER TABLE audit_log VALIDATE CONSTRAINT audit_log_target_type_check")
    with op.get_context().autocommit_block():
        op.create_index(
            "report_cases_due_idx",
            "report_cases",
            ["due_at"],
            postgresql_where=sa.text("status = 'open'"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "report_cases_author_idx",
            "report_cases",
            ["author_id", "id"],
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("report_cases_author_idx", table_name="report_cases")
    op.drop_index("report_cases_due_idx", table_name="report_cases")
    op.drop_constraint(op.f("audit_log_target_type_check"), "audit_log", type_="check")
    # The log keeps what was done with jobs: nothing is ever taken out of it.
    op.execute(
        "ALTER TABLE audit_log ADD CONSTRAINT audit_log_target_type_check"
        f" CHECK (target_type IN ({TARGETS})) NOT VALID"
    )
