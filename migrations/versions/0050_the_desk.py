"""Users can have the role `moderator`. Announcements can wait for their time, and know whom they reach.

Expand only. The release before does not know the role, and fails at each call of a moderator: give it
when no older server runs, and take it from all before going back. What it announces has no audience.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0050"
down_revision: str | None = "0049"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
    "ban-drop-constraint": "another takes its place at once, and allows more",
    "require-concurrent-index-creation": "the table was made a moment before, and is empty",
    "ban-drop-table": "only what a try before this one has made",
}

NEWS = "announcements"
WAITING = "waiting_announcements"
# Before the audience was kept: those who are still there.
COUNT = """
UPDATE announcements SET audience = (
    SELECT count(*) FROM users WHERE users.left_at IS NULL AND users.id < announcements.id
) WHERE audience IS NULL
"""

ROLES = ("user", "admin", "guest")


def upgrade() -> None:
    # Each statement commits by itself: the rows are read without a lock that stops writes.
    with op.get_context().autocommit_block():
        _set_roles(*ROLES, "moderator")
        op.execute(sa.text(f"DROP TABLE IF EXISTS {WAITING}"))
        op.create_table(
            WAITING,
            sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
            sa.Column("title_ja", sa.Text(), nullable=False),
            sa.Column("body_ja", sa.Text(), nullable=False),
            sa.Column("title_en", sa.Text(), nullable=True),
            sa.Column("body_en", sa.Text(), nullable=True),
            sa.Column("push", sa.Boolean(), nullable=False),
            sa.Column("created_by", sa.Uuid(), nullable=False),
            sa.Column(
                "created_at",
                sa.DateTime(timezone=True),
                server_default=sa.text("clock_timestamp()"),
                nullable=False,
            ),
            sa.Column("publish_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("audience", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"{WAITING}_pkey")),
        )
        op.create_index(f"{WAITING}_publish_at_idx", WAITING, ["publish_at"])
        for column in (
            sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("waiting_id", sa.Uuid(), nullable=True),
            sa.Column("audience", sa.Integer(), nullable=True),
        ):
            op.add_column(NEWS, column, if_not_exists=True)
        op.execute(COUNT)
        index = f"{NEWS}_waiting_id_idx"
        op.drop_index(index, table_name=NEWS, if_exists=True, postgresql_concurrently=True)
        op.create_index(index, NEWS, ["waiting_id"], unique=True, postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(f"{NEWS}_waiting_id_idx", table_name=NEWS)
    for column in ("audience", "waiting_id", "publish_at"):
        op.drop_column(NEWS, column)
    op.drop_table(WAITING)
    op.execute("UPDATE users SET role = 'user' WHERE role = 'moderator'")
    _set_roles(*ROLES)


def _set_roles(*roles: str) -> None:
    name = "users_role_check"
    listed = ", ".join(f"'{role}'" for role in roles)
    op.execute(
        f"ALTER TABLE users DROP CONSTRAINT IF EXISTS {name},"
        f" ADD CONSTRAINT {name} CHECK (role IN ({listed})) NOT VALID"
    )
    op.execute(f"ALTER TABLE users VALIDATE CONSTRAINT {name}")
