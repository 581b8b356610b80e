"""Suspensions lose the trigger that completed what 0.1.0 wrote of them.

Contract, though 0.2 doesn't need it either: it writes all columns of a suspension.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0062"
down_revision: str | None = "0061"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

contracts = True
"""`linky migrate` leaves this until `--contract`, or until a later revision needs it."""

squawk_ignores = {"ban-drop-function": "the function of a trigger that goes with it"}

KEEP_SUSPENSION = """
CREATE FUNCTION linky_keep_suspension() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'suspended' THEN
        NEW.suspension_id := NULL;
        NEW.suspended_until := NULL;
        NEW.suspension_hides := false;
    ELSIF NEW.suspension_id IS NULL THEN
        NEW.suspension_id := gen_random_uuid();
    END IF;
    RETURN NEW;
END
$$
"""

TRIGGER = """
CREATE TRIGGER users_keep_suspension BEFORE INSERT OR UPDATE OF status ON users
FOR EACH ROW WHEN (NEW.status = 'suspended' OR NEW.suspension_id IS NOT NULL)
EXECUTE FUNCTION linky_keep_suspension()
"""


def upgrade() -> None:
    op.execute("DROP TRIGGER users_keep_suspension ON users")
    op.execute("DROP FUNCTION linky_keep_suspension()")


def downgrade() -> None:
    op.execute(KEEP_SUSPENSION)
    op.execute(TRIGGER)
