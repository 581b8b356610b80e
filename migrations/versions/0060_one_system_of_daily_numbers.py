"""`daily_numbers` takes over the sign-ups, posts, comments and reports of `daily_counts`.

Expand only: 0.2.2 reads and writes `daily_counts`, and under its own names `daily_numbers`. It moves
only `until`, so `content_until` says from when this release has to count these kinds.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0060"
down_revision: str | None = "0059"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {"adding-not-nullable-field": "the table has one row"}

FILL = """
INSERT INTO daily_numbers (day, kind, number, seconds, longest)
SELECT day, kind, number, 0, 0
FROM daily_counts CROSS JOIN LATERAL (VALUES
    ('new_users', sign_ups), ('new_posts', posts),
    ('new_comments', comments), ('new_reports', reports)
) AS numbers (kind, number)
WHERE number > 0
"""

COUNTED = """
UPDATE daily_numbers_counted SET content_until = timezone('Asia/Tokyo', CAST(greatest(
    (SELECT max(day) + 1 FROM daily_counts),
    CAST(timezone('Asia/Tokyo', now()) AS date) - 59
) AS timestamp))
"""
"""The days after the last stored one are counted by the job. No page shows more than 60 days."""

OLD_NAMES = """
DELETE FROM daily_numbers WHERE kind IN ('sign_ups', 'posts', 'comments', 'reports')
"""
"""0.2.2 stores the days that are not over here, and counts them if they are missing."""


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("daily_numbers_counted", sa.Column("content_until", moment, nullable=True))
    for statement in (FILL, COUNTED, OLD_NAMES):
        op.execute(statement)
    op.alter_column("daily_numbers_counted", "content_until", nullable=False)


def downgrade() -> None:
    op.drop_column("daily_numbers_counted", "content_until")
    op.execute("DELETE FROM daily_numbers WHERE kind LIKE 'new\\_%'")
