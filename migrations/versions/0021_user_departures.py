"""What a user who leaves has written is deleted in batches; until then one row keeps it out of sight.

Expand only: the release before does not know these rows. While a job of this release is deleting what
a leaver has written, that release still shows what is left: for some seconds, and only of a user with
more than 1,000 posts, comments, replies, likes, favourites or notifications.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "user_departures",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("user_departures_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("user_departures_pkey")),
    )


def downgrade() -> None:
    op.drop_table("user_departures")
