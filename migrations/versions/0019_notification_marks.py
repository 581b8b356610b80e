"""A user's "mark all as read" is one row, however many notifications it covers.

Expand only: the release before does not know the marks. It shows as unread what a mark covers, until
the job `notification.settle_read` has noted it in the rows (seconds later).

A row that the release before writes gets `written_in` by its default. NULL stands for rows that were
there before: the column is added without a default, so that the table is not written again.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE notifications ADD COLUMN written_in xid8")
    op.execute("ALTER TABLE notifications ALTER COLUMN written_in SET DEFAULT pg_current_xact_id()")
    op.execute("""
        CREATE TABLE notification_marks (
            user_id uuid NOT NULL,
            read_at timestamp with time zone NOT NULL,
            settled_up_to uuid NOT NULL,
            up_to uuid NOT NULL,
            snapshot pg_snapshot NOT NULL,
            marked_in xid8 NOT NULL,
            CONSTRAINT notification_marks_pkey PRIMARY KEY (user_id),
            CONSTRAINT notification_marks_user_id_fkey
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
        )
    """)


def downgrade() -> None:
    op.drop_table("notification_marks")
    op.drop_column("notifications", "written_in")
