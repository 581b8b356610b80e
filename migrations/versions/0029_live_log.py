"""The log of changes, for apps that are open and apps that were away (ADR 0075).

A transaction writes what it changed into `live_inbox`. A reader of the log first moves the inbox
into `live_changes`, one at a time, and so gives each change its position: after its transaction
has committed. A reader of `pos > n` therefore misses nothing.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Each row lives for a moment. Autovacuum must not wait for a share of the table: it is empty.
INBOX = """
CREATE TABLE live_inbox (
    topic uuid NOT NULL, kind smallint NOT NULL, subject uuid NOT NULL, only_for uuid
) WITH (
    autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_cost_delay = 0
)
"""

# `at` is for deleting old rows. It decides no order: clocks jump.
CHANGES = """
CREATE TABLE live_changes (
    pos bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic uuid NOT NULL, kind smallint NOT NULL, subject uuid NOT NULL, only_for uuid,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""

# The first reader makes its row. A backup leaves it out, so a restored database is a
# new epoch.
EPOCH = """
CREATE TABLE live_epoch (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    pruned_to bigint NOT NULL DEFAULT 0
)
"""

# VOLATILE, so that each statement in it sees what was committed before that statement. The lock is
# released after the commit is visible: no position is seen before the one below it.
ADVANCE = """
CREATE FUNCTION live_advance(most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF EXISTS (SELECT FROM live_inbox) THEN
        IF pg_try_advisory_xact_lock(815) THEN
            WITH taken AS (
                DELETE FROM live_inbox
                WHERE ctid = ANY (ARRAY(SELECT ctid FROM live_inbox LIMIT most))
                RETURNING topic, kind, subject, only_for
            )
            INSERT INTO live_changes (topic, kind, subject, only_for)
            SELECT topic, kind, subject, only_for FROM taken;
        END IF;
    END IF;
    RETURN coalesce(
        (SELECT max(pos) FROM live_changes), (SELECT pruned_to FROM live_epoch), 0
    );
END
$$
"""

# Which server wrote the log, and on which timeline: a promoted replica may lack the end of the log,
# and would give its positions a second time. Some hosts forbid these functions. There the stored id
# stands alone. `OTHERS` catches neither a cancelled statement nor a lost connection.
ORIGIN = """
CREATE FUNCTION live_origin() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT system_identifier FROM pg_control_system())::text
        || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
EXCEPTION WHEN OTHERS THEN
    RETURN '';
END
$$
"""


def upgrade() -> None:
    for statement in (INBOX, CHANGES, EPOCH, ADVANCE, ORIGIN):
        op.execute(statement)
    op.execute("CREATE INDEX live_changes_topic_idx ON live_changes (topic, pos)")


def downgrade() -> None:
    op.execute("DROP FUNCTION live_origin()")
    op.execute("DROP FUNCTION live_advance(integer)")
    for table in ("live_epoch", "live_changes", "live_inbox"):
        op.execute(f"DROP TABLE {table}")
