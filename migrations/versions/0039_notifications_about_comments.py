"""The notifications about a comment are hidden in batches, as those about a post.

A batch takes the next ones by their ids. The new index has them in that order. Until all are hidden,
a row of `notification_hidings` has the comment's id.

Expand only: the release before finds notifications by this index as well. It does not look for
comments in `notification_hidings`: while a job of this release is hiding the notifications about a
comment, that release still shows those that are left: for some seconds, and only of a comment with
more than 1,000 notifications. 0041 drops the index before: where a migration begins again, one of
the two is always there.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {"prefer-robust-stmts": "an index that was left half made is dropped before"}

NAME = "notifications_about_comment_idx"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(
            NAME, table_name="notifications", if_exists=True, postgresql_concurrently=True
        )
        op.create_index(NAME, "notifications", ["comment_id", "id"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(NAME, table_name="notifications")
