"""How far the server had written when a user last wrote, for reads from a replica (ADR 0066).

Unlogged: nothing waits for the disk. After a crash the table is empty, and so is a promoted
replica's. Then its first row, the floor, is missing too, and nothing is read from a replica until
the replica has all that was written before.

There is a row for each slot, and all users share 65,536 slots. So the table never grows, and an
erased account leaves nothing behind. Half of each page is free, so that updates stay in the page.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        "CREATE UNLOGGED TABLE write_positions (slot integer PRIMARY KEY, position bigint NOT NULL)"
        " WITH (fillfactor = 50)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE write_positions")
