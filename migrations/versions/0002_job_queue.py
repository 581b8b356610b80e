"""The job queue: pgqueuer 1.6's own tables, as frozen SQL.

Its statements are several in one string, which only the simple protocol of the connection
beneath takes. A new pgqueuer with other tables gets a migration of its own.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQL = Path(__file__).parents[1] / "sql"


def run_script(name: str) -> None:
    script = (SQL / name).read_text(encoding="utf-8")
    if op.get_context().as_sql:
        op.execute(script)
        return
    raw = op.get_bind().connection.dbapi_connection
    assert raw is not None
    raw.run_async(lambda connection: connection.execute(script))


def upgrade() -> None:
    run_script("pgqueuer_1_6.sql")


def downgrade() -> None:
    run_script("pgqueuer_1_6_down.sql")
