"""Several doors to one account: `user_identities`, the door of each session, pending addresses.

Expand only: the release before adds users with their first door in `users`, and a trigger copies it.
The next migration copies what is there already.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "ban-drop-constraint": "another takes its place at once, and allows more",
    "ban-drop-not-null": "the release before reads only the codes that it wrote itself, which have both",
}

FIRST_DOOR = """
CREATE FUNCTION linky_copy_first_door() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.provider = OLD.provider
            AND NEW.provider_user_id IS NOT DISTINCT FROM OLD.provider_user_id THEN
            RETURN NULL;
        END IF;
        DELETE FROM user_identities
        WHERE user_id = OLD.id AND provider = OLD.provider
            AND subject IS NOT DISTINCT FROM OLD.provider_user_id;
    END IF;
    IF NEW.provider = 'email' OR NEW.provider_user_id IS NOT NULL THEN
        INSERT INTO user_identities (user_id, provider, subject, email, email_verified)
        VALUES (
            NEW.id, NEW.provider, NEW.provider_user_id,
            CASE WHEN NEW.provider <> 'email' THEN NEW.email END,
            NEW.provider <> 'email' AND NEW.email_verified_at IS NOT NULL
        );
    END IF;
    RETURN NULL;
END
$$
"""

TRIGGER = """
CREATE TRIGGER users_copy_first_door AFTER INSERT OR UPDATE OF provider, provider_user_id
ON users FOR EACH ROW EXECUTE FUNCTION linky_copy_first_door()
"""

ACTS = ("signed_up", "signed_in", "signed_out", "left", "created", "changed")
NEW_ACTS = ("linked", "unlinked")
PURPOSES = ("verify_email", "reset_password", "leave")
NEW_PURPOSES = ("change_email",)


def upgrade() -> None:
    # Each of these commits by itself: else a table would be locked while all its rows are read. They can be done twice.
    with op.get_context().autocommit_block():
        provider = sa.Column("provider", sa.Text(), nullable=True)
        op.add_column("user_sessions", provider, if_not_exists=True)
        _check("user_sessions", "provider", ("email", "guest", "line", "google", "apple"))
        _check("connection_records", "act", ACTS + NEW_ACTS)
        _check("auth_mail_tokens", "purpose", PURPOSES + NEW_PURPOSES)
    op.create_table(
        "user_identities",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_verified", sa.Boolean(), server_default=sa.false(), nullable=False),
        *(
            sa.Column(
                name,
                sa.DateTime(timezone=True),
                server_default=sa.text("clock_timestamp()"),
                nullable=False,
            )
            for name in ("created_at", "last_used_at")
        ),
        sa.CheckConstraint(
            "provider IN ('email', 'line', 'google', 'apple')",
            name=op.f("user_identities_provider_check"),
        ),
        sa.CheckConstraint(
            "(provider = 'email') = (subject IS NULL)", name=op.f("user_identities_subject_check")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("user_identities_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "provider", name=op.f("user_identities_pkey")),
        sa.UniqueConstraint(
            "provider", "subject", name=op.f("user_identities_provider_subject_key")
        ),
    )
    op.execute(FIRST_DOOR)
    op.execute(TRIGGER)
    op.add_column("auth_mail_tokens", sa.Column("email", sa.Text(), nullable=True))
    op.add_column("auth_mail_tokens", sa.Column("session_id", sa.Uuid(), nullable=True))
    op.add_column("oauth_exchange_codes", sa.Column("provider", sa.Text(), nullable=True))
    op.add_column("oauth_exchange_codes", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.alter_column("oauth_exchange_codes", "user_id", nullable=True)
    op.alter_column("oauth_exchange_codes", "is_new", nullable=True)


def _check(table: str, column: str, values: Sequence[str]) -> None:
    """Let a column have more values. NOT VALID, because what is there has fewer."""
    name = f"{table}_{column}_check"
    listed = ", ".join(f"'{value}'" for value in values)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({listed})) NOT VALID"
    )
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    op.execute("DELETE FROM auth_mail_tokens WHERE purpose = 'change_email'")
    op.execute("DELETE FROM connection_records WHERE act IN ('linked', 'unlinked')")
    _check("auth_mail_tokens", "purpose", PURPOSES)
    _check("connection_records", "act", ACTS)
    op.execute("DELETE FROM oauth_exchange_codes")
    op.alter_column("oauth_exchange_codes", "is_new", nullable=False)
    op.alter_column("oauth_exchange_codes", "user_id", nullable=False)
    op.drop_column("oauth_exchange_codes", "sealed")
    op.drop_column("oauth_exchange_codes", "provider")
    op.drop_column("auth_mail_tokens", "session_id")
    op.drop_column("auth_mail_tokens", "email")
    op.drop_column("user_sessions", "provider")
    op.execute("DROP TRIGGER users_copy_first_door ON users")
    op.execute("DROP FUNCTION linky_copy_first_door()")
    op.drop_table("user_identities")
