"""An address is taken only by an account that signs in by it, and only until that account leaves.

Before, `users_email_key` counted every account that had begun by e-mail, even one whose e-mail door
was closed and one that had left. Such an address was lost to all others.

The release before runs on this. The new index has the name that it knows, so it answers 409 to a
taken address. It looks accounts up by `provider = 'email'`, and `users_email_idx` is for that.

All of this can be done twice: a migration that had to wait too long for a lock begins again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
    "renaming-object": "the new index takes the name that the release before knows",
    "require-concurrent-index-deletion": "the old names must go in the moment when the new one comes,"
    " and the lock is held for no longer than it takes to forget two indexes",
}

KEY = "users_email_key"
PASSWORD_KEY = "users_password_email_key"
NEW_KEY = "users_signing_in_email_key"
LOOK_UP = "users_email_idx"

BEGAN = "provider = 'email'"
HAS_PASSWORD = "password_hash IS NOT NULL"
SIGNS_IN = "password_hash IS NOT NULL AND left_at IS NULL"

# The indexes before have no room for these.
FORGET = """
UPDATE users SET email = NULL, email_verified_at = NULL
WHERE left_at IS NOT NULL OR (provider = 'email' AND password_hash IS NULL)
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, where, unique in ((NEW_KEY, SIGNS_IN, True), (LOOK_UP, BEGAN, False)):
            # One that was left half made is dropped before.
            op.drop_index(name, table_name="users", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                "users",
                [sa.text("lower(email)")],
                unique=unique,
                postgresql_where=sa.text(where),
                postgresql_concurrently=True,
            )
    op.drop_index(KEY, table_name="users")
    op.drop_index(PASSWORD_KEY, table_name="users")
    op.execute(f"ALTER INDEX {NEW_KEY} RENAME TO {KEY}")


def downgrade() -> None:
    op.execute(FORGET)
    op.drop_index(KEY, table_name="users")
    op.drop_index(LOOK_UP, table_name="users")
    for name, where in ((KEY, BEGAN), (PASSWORD_KEY, HAS_PASSWORD)):
        op.create_index(
            name,
            "users",
            [sa.text("lower(email)")],
            unique=True,
            postgresql_where=sa.text(where),
        )
