"""The doors of the accounts that are there, in batches; and one account with a password an address.

Before, each account with a password had begun by e-mail, so `users_email_key` was enough.

All of this can be done twice: a migration that had to wait too long for a lock begins again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
}

# People who have left are not copied: their identity is free for a new account.
FILL = """
DO $$
DECLARE
    edge uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOOP
        WITH oldest AS MATERIALIZED (
            SELECT id, provider, provider_user_id, email, email_verified_at, created_at
            FROM public.users
            WHERE id > edge AND left_at IS NULL
                AND (provider = 'email' OR provider_user_id IS NOT NULL)
            ORDER BY id LIMIT 1000 FOR KEY SHARE
        ), filled AS (
            INSERT INTO public.user_identities
                (user_id, provider, subject, email, email_verified, created_at, last_used_at)
            SELECT
                id, provider, provider_user_id, CASE WHEN provider <> 'email' THEN email END,
                provider <> 'email' AND email_verified_at IS NOT NULL, created_at,
                COALESCE((
                    SELECT max(last_used_at) FROM public.user_sessions WHERE user_id = oldest.id
                ), created_at)
            FROM oldest ON CONFLICT DO NOTHING
        )
        SELECT id INTO edge FROM oldest ORDER BY id DESC LIMIT 1;
        COMMIT;
        EXIT WHEN edge IS NULL;
    END LOOP;
END $$
"""


NAME = "users_password_email_key"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(FILL)
        # One that was left half made is dropped before.
        op.drop_index(NAME, table_name="users", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            NAME,
            "users",
            [sa.text("lower(email)")],
            unique=True,
            postgresql_where=sa.text("password_hash IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index(NAME, table_name="users")
