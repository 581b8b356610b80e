"""The queue's table notifies of nothing: the server wakes the worker after the commit (ADR 0004).

The release before can serve: its worker finds new jobs at its next poll, within five seconds. The
trigger's function stays, so that a downgrade is one statement.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("DROP TRIGGER tg_pgqueuer_changed ON pgqueuer")


def downgrade() -> None:
    op.execute(
        "CREATE TRIGGER tg_pgqueuer_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
        " ON pgqueuer EXECUTE FUNCTION fn_pgqueuer_changed()"
    )
