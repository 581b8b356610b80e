"""Asks the primary and the replica how far they are, and whether they belong together.

A position is a place in PostgreSQL's write-ahead log (an LSN), as a number of bytes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from app.core.database import SERVER_SETTINGS, asyncpg_arguments
from app.runtime.replica.failures import ReplicaAway, ReplicaFailure, failure_of

PROBE_SECONDS = 1.0
"""The limit for a connection, and for an answer. A slower replica does not help."""

POSITION = """
    ((CASE WHEN current_setting('synchronous_commit') = 'off'
      THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END) - '0/0'::pg_lsn)::bigint
"""
"""Behind all that has been committed so far.

A commit returns when the disk has it, unless `synchronous_commit` is off. The position of inserts
would always do. But it counts what belongs to no commit, which an idle primary may send to its
replica minutes later, and until then the user's reads would not leave the primary.
"""

REPLAYED = "SELECT (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint"
"""Up to where a replica has replayed. Everything committed before is visible there."""

FLOOR_SLOT = -1
"""The slot of the floor: a position that holds for all users. After a crash it is missing."""

# The system's identifier and the database are the same on a replica. The timeline changes when a
# replica is promoted. A replica that still follows the old primary stays on the old timeline.
_BELONGING = """
    (SELECT system_identifier FROM pg_control_system()) AS system,
    (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database
"""
_PRIMARY = f"""
    SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint AS flushed,
           ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint
             AS timeline,
           EXISTS (SELECT FROM write_positions WHERE slot = {FLOOR_SLOT}) AS has_floor,
           {_BELONGING}
"""  # noqa: S608 - all of it is written above.
_REPLICA = f"""
    SELECT pg_is_in_recovery() AS replicates,
           (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint AS replayed,
           pg_postmaster_start_time() AS started_at,
           coalesce((SELECT max(pos) FROM live_changes), (SELECT pruned_to FROM live_epoch), 0)
             AS logged,
           greatest((SELECT timeline_id FROM pg_control_checkpoint()),
                    (SELECT min_recovery_end_timeline FROM pg_control_recovery()))::bigint
             AS timeline,
           {_BELONGING}
"""  # noqa: S608 - all of it is written above.
# A position that this server has yet to reach is another server's: it came with a restored backup.
_FORGET_OTHER_SERVERS = """
    DELETE FROM write_positions
    WHERE position > (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint
"""
_LAY_FLOOR = f"""
    INSERT INTO write_positions (slot, position) VALUES ({FLOOR_SLOT}, {POSITION})
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - all of it is written above.


class ClusterIdentity(NamedTuple):
    """A replica has the same values as its primary."""

    system: int
    database: int
    timeline: int


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """The primary's position, and a moment later the replica's."""

    flushed: int
    replayed: int
    server: datetime
    """The replica's start. Another server has another one."""

    logged: int = 0
    """Up to which position the replica had the log of changes."""


class Probe:
    def __init__(self, primary: Any, replica: Any) -> None:
        self._primary = primary
        self._replica = replica

    async def look(self) -> ReplicaState:
        """Raises ReplicaAway if the two don't belong together, or one of them can't be asked."""
        primary = await self._ask_primary()
        replica = await self._ask_replica()
        _ensure_same(_identity_of(primary), _identity_of(replica))
        return ReplicaState(
            primary["flushed"], replica["replayed"], replica["started_at"], replica["logged"]
        )

    async def forget_other_servers(self) -> None:
        """Delete positions that came with another server's backup. Raises ReplicaAway."""
        try:
            await self._primary.execute(_FORGET_OTHER_SERVERS)
        except Exception as error:
            raise ReplicaAway(ReplicaFailure.PRIMARY, type(error).__name__) from error

    async def _ask_primary(self) -> Any:
        try:
            row = await self._primary.fetchrow(_PRIMARY)
            if not row["has_floor"]:
                await self._primary.execute(_LAY_FLOOR)
        except Exception as error:
            raise ReplicaAway(ReplicaFailure.PRIMARY, type(error).__name__) from error
        return row

    async def _ask_replica(self) -> Any:
        try:
            row = await self._replica.fetchrow(_REPLICA)
        except Exception as error:
            raise ReplicaAway(failure_of(error), type(error).__name__) from error
        _ensure_replicates(row)
        return row


@asynccontextmanager
async def open_probe(primary_url: str, replica_url: str) -> AsyncIterator[Probe]:
    """Raises ReplicaAway if one of the servers can't be reached.

    The replica comes first: while it is away, each process tries four times a second, and the
    primary has more to do then.
    """
    async with (
        _connected(replica_url) as replica,
        _connected(primary_url, ReplicaFailure.PRIMARY) as primary,
    ):
        yield Probe(primary, replica)


async def ensure_same_server(connection: Any, server: datetime, replayed: int) -> None:
    """Raises ReplicaAway unless a new connection leads to this server, which knows as much.

    A replica that crashed may start at an earlier position. A name may lead to several servers.
    """
    row = await connection.fetchrow(_REPLICA)
    _ensure_replicates(row)
    if row["started_at"] != server or row["replayed"] < replayed:
        raise ReplicaAway(ReplicaFailure.ELSEWHERE)


def _ensure_replicates(row: Any) -> None:
    if not row["replicates"] or row["replayed"] is None:
        raise ReplicaAway(ReplicaFailure.PROMOTED)


def _identity_of(row: Any) -> ClusterIdentity:
    return ClusterIdentity(row["system"], row["database"], row["timeline"])


def _ensure_same(primary: ClusterIdentity, replica: ClusterIdentity) -> None:
    if primary.system != replica.system:
        raise ReplicaAway(ReplicaFailure.STRANGER, "it does not replicate LINKY_DATABASE_URL")
    if primary.database != replica.database:
        raise ReplicaAway(ReplicaFailure.STRANGER, "the two URLs name different databases")
    if primary.timeline != replica.timeline:
        words = f"it is on timeline {replica.timeline}, the primary on {primary.timeline}"
        raise ReplicaAway(ReplicaFailure.STRANGER, words)


@asynccontextmanager
async def _connected(url: str, failure: ReplicaFailure | None = None) -> AsyncIterator[Any]:
    """Raises ReplicaAway if it can't connect, with `failure` if one is given."""
    options = {
        "timeout": PROBE_SECONDS,
        "command_timeout": PROBE_SECONDS,
        "server_settings": SERVER_SETTINGS,
    }
    try:
        connection = await asyncpg.connect(**asyncpg_arguments(url) | options)
    except Exception as error:
        raise ReplicaAway(failure or failure_of(error), type(error).__name__) from error
    try:
        yield connection
    finally:
        connection.terminate()
