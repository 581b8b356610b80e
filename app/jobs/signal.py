"""Wakes a worker for a new job before its next poll.

pgqueuer has a trigger for this, which we dropped (ADR 0004). It notified in the transaction that
enqueues, and PostgreSQL lets only one transaction with a notification commit at a time.
"""

from functools import partial

from pgqueuer.domain.models import TableChangedEvent, utc_now

from app.core.pool import Reader
from app.jobs.schema import NAMES
from app.runtime.runtime import Runtime


def wake_by_notification(runtime: Runtime) -> None:
    """Let the runtime's commits wake the workers of all processes."""
    runtime.job_signal.wake = partial(notify_workers, runtime.pools.reads)


async def notify_workers(reader: Reader) -> None:
    """Call it on a connection without a transaction."""
    await reader.fetch("SELECT pg_notify($1, $2)", [NAMES.channel, a_change()])


def a_change() -> str:
    """The notification of a change of the queue, as pgqueuer reads it."""
    event = TableChangedEvent(
        channel=NAMES.channel,
        operation="update",
        sent_at=utc_now(),
        table=NAMES.queue_table,
        type="table_changed_event",
    )
    return event.model_dump_json(exclude={"received_at"})
