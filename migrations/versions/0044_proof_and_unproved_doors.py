"""When a session proved whose it is, when an address was proved, and when an unproved one lapses.

Expand only: the release before writes none of it. A session that it began has proved itself by its
sign-in, and an address by `users.email_verified_at`. Notifications get a type, `security`.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0044"
down_revision: str | None = "0043"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
    "ban-drop-constraint": "another takes its place at once, and allows more",
}

TYPES = (
    *("comment", "reply", "lounge_request_approved", "lounge_request_rejected", "moderation"),
    *("report_resolved", "lounge_post", "watched", "warning", "appeal_decided", "announcement"),
)
LAPSES = "users_email_lapses_at_idx"

# Those that are there already have another day. No admin's lapses: an operator has vouched for it.
BEGIN_LAPSES = """
UPDATE users SET email_lapses_at = now() + interval '24 hours'
WHERE email_verified_at IS NULL AND password_hash IS NOT NULL AND left_at IS NULL
    AND email_lapses_at IS NULL AND role <> 'admin'
    AND EXISTS (
        SELECT FROM user_identities
        WHERE user_identities.user_id = users.id AND user_identities.provider <> 'email'
    )
"""


def upgrade() -> None:
    # Each statement commits by itself: else the tables of all sessions and users would be locked
    # while all notifications are read. What is there already is left as it is.
    with op.get_context().autocommit_block():
        for table, column in (
            ("user_sessions", "proved_at"),
            ("user_identities", "proved_at"),
            ("users", "email_lapses_at"),
        ):
            moment = sa.Column(column, sa.DateTime(timezone=True), nullable=True)
            op.add_column(table, moment, if_not_exists=True)
        _set_types(*TYPES, "security")
        op.execute(BEGIN_LAPSES)
        op.drop_index(LAPSES, table_name="users", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            LAPSES,
            "users",
            ["email_lapses_at"],
            postgresql_where=sa.text("email_lapses_at IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index(LAPSES, table_name="users")
    op.execute("DELETE FROM notifications WHERE type = 'security'")
    _set_types(*TYPES)
    op.drop_column("users", "email_lapses_at")
    op.drop_column("user_identities", "proved_at")
    op.drop_column("user_sessions", "proved_at")


def _set_types(*types: str) -> None:
    name = "notifications_type_check"
    listed = ", ".join(f"'{kind}'" for kind in types)
    op.execute(
        f"ALTER TABLE notifications DROP CONSTRAINT IF EXISTS {name},"
        f" ADD CONSTRAINT {name} CHECK (type IN ({listed})) NOT VALID"
    )
    op.execute(f"ALTER TABLE notifications VALIDATE CONSTRAINT {name}")
