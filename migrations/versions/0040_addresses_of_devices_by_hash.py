"""The address of a device may be as long as the API allows.

Before, the constraint's index held the address itself, and an entry of an index has 2,704 bytes at
most. A longer one that can't be compressed was a 500. The new unique index holds a hash.

The release before runs on this. It does not name the constraint. It looks addresses up by
`value = …`, and `user_devices_value_idx` is for that: a hash index takes values of any length.

All of this can be done twice: a migration that had to wait too long for a lock begins again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0040"
down_revision: str | None = "0039"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "ban-drop-constraint": "the new index, of their hashes, holds the same apart",
    "prefer-robust-stmts": "an index that was left half made is dropped before",
}

TABLE = "user_devices"
OLD_KEY = "user_devices_kind_value_key"
NEW_KEY = "user_devices_address_key"
LOOK_UP = "user_devices_value_idx"

# The index before may have no room for these. Their apps register them again.
FORGET = "DELETE FROM user_devices WHERE octet_length(value) > 2600"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # One that was left half made is dropped before.
        for name in (NEW_KEY, LOOK_UP):
            op.drop_index(name, table_name=TABLE, if_exists=True, postgresql_concurrently=True)
        op.create_index(
            NEW_KEY,
            TABLE,
            ["kind", sa.text("md5(value)")],
            unique=True,
            postgresql_concurrently=True,
        )
        op.create_index(
            LOOK_UP, TABLE, ["value"], postgresql_using="hash", postgresql_concurrently=True
        )
    op.drop_constraint(OLD_KEY, TABLE, type_="unique", if_exists=True)


def downgrade() -> None:
    # Concurrently: only so the index leaves out rows that were deleted a moment ago.
    with op.get_context().autocommit_block():
        op.execute(FORGET)
        op.drop_index(OLD_KEY, table_name=TABLE, if_exists=True, postgresql_concurrently=True)
        op.create_index(
            OLD_KEY, TABLE, ["kind", "value"], unique=True, postgresql_concurrently=True
        )
    op.execute(f"ALTER TABLE {TABLE} ADD CONSTRAINT {OLD_KEY} UNIQUE USING INDEX {OLD_KEY}")
    op.drop_index(LOOK_UP, table_name=TABLE)
    op.drop_index(NEW_KEY, table_name=TABLE)
