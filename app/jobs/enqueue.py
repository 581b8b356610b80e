"""Puts a job into the queue, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from sqlalchemy import CTE, Text, bindparam, column, func, literal_column, select, table
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import JSONB
from structlog.contextvars import get_contextvars

from app.core.db import Database, as_writing
from app.core.json import to_json
from app.core.sql.writes import insert_from
from app.core.tracing import TRACEPARENT
from app.jobs.pause import delay_of_next
from app.jobs.schema import NAMES

if TYPE_CHECKING:
    import asyncpg
    from _typeshed import DataclassInstance

# "skip": a job whose `dedupe_key` is taken is not enqueued, without an error.
_ENQUEUE = QueryQueueBuilder(NAMES).build_enqueue_query("skip")

_QUEUE = table(
    NAMES.queue_table,
    *map(column, ("id", "priority", "entrypoint", "payload", "execute_after", "headers", "status")),
)
_LOG = table(NAMES.queue_table_log, *map(column, ("job_id", "status", "entrypoint", "priority")))


async def enqueue(
    db: Database,
    name: str,
    payload: DataclassInstance | dict[str, Any],
    *,
    dedupe_key: str | None = None,
    delay: timedelta | None = None,
    urgent: bool = False,
    bulk: bool = False,
) -> None:
    """Enqueue a job that exists if and only if the transaction commits.

    `payload` is what the job's handler takes. It has ids, and nothing secret or large. `delay`
    counts from the beginning of the transaction. Without it the job is due at once, or, as the next
    batch of a job that `rests`, after its rest. If a job with the same `dedupe_key` waits or runs,
    nothing is enqueued. That job may have read the database before this transaction commits, so use
    a key only if the job need not see this transaction. An `urgent` job goes before all other
    waiting jobs, a `bulk` one after them. Raises RuntimeError where there is no transaction.
    """
    row = (delay_of_next(name) if delay is None else delay, dedupe_key)
    await _enqueue(db, name, [payload], int(urgent) - int(bulk), *row)


async def enqueue_all(
    db: Database,
    name: str,
    payloads: Sequence[DataclassInstance],
    *,
    bulk: bool = False,
) -> None:
    """One statement, all due at once. Raises as `enqueue` does."""
    if payloads:
        await _enqueue(db, name, payloads, -int(bulk), timedelta(0), None)


async def _enqueue(
    db: Database,
    name: str,
    payloads: Sequence[DataclassInstance | dict[str, Any]],
    priority: int,
    delay: timedelta,
    dedupe_key: str | None,
) -> None:
    # Without a transaction the job would exist even though the work around it fails.
    as_writing(db)
    await db.driver(_ENQUEUE, *_arguments(name, payloads, priority, delay, dedupe_key))
    db.has_enqueued = True


async def enqueue_on(
    connection: asyncpg.Connection,
    name: str,
    payloads: Sequence[DataclassInstance],
    *,
    urgent: bool = False,
) -> None:
    """As `enqueue_all`, for a command with a connection of its own, in its transaction."""
    *arguments, headers = _arguments(name, payloads, int(urgent), timedelta(0), None)
    # Such a connection has no codec for JSON.
    texts = [orjson.dumps(each).decode() for each in headers]
    await connection.execute(_ENQUEUE, *arguments, texts)


def _arguments(
    name: str,
    payloads: Sequence[DataclassInstance | dict[str, Any]],
    priority: int,
    delay: timedelta,
    dedupe_key: str | None,
) -> tuple[list[Any], ...]:
    """Those of _ENQUEUE: a list for each column."""
    number = len(payloads)
    return (
        [priority] * number,
        [name] * number,
        [to_json(payload) for payload in payloads],
        [delay] * number,
        [dedupe_key] * number,
        [_headers()] * number,
    )


def enqueued(payloads: CTE, kind: str = "job", *, bulk: bool = False) -> tuple[CTE, CTE]:
    """The parts of a statement's WITH that enqueue a job for each row of `payloads`.

    Takes `job_params`. A statement that enqueues two kinds of jobs names them by `kind`. `bulk` is
    for thousands of jobs: all others go before them. The two INSERTs are those of pgqueuer's own
    statement, for jobs that are due at once and have no `dedupe_key`.
    """
    row = {
        "priority": literal_column("-1" if bulk else "0"),
        "entrypoint": bindparam(f"{kind}_name", type_=Text),
        "payload": payloads.c.payload,
        "execute_after": func.now(),
        "headers": sql_cast(bindparam(f"{kind}_headers", type_=Text), JSONB),
        "status": literal_column(f"'queued'::{NAMES.queue_status_type}"),
    }
    added = insert_from(_QUEUE, row, select().select_from(payloads))
    job = added.returning(_QUEUE.c.id, _QUEUE.c.priority).cte(kind)
    entry = {"job_id": job.c.id, "status": row["status"], "priority": job.c.priority}
    entry["entrypoint"] = row["entrypoint"]
    logged = insert_from(_LOG, entry, select().select_from(job))
    return job, logged.returning(_LOG.c.job_id).cte(f"{kind}_log")


def job_params(name: str, kind: str = "job") -> dict[str, Any]:
    """Parameters of `enqueued`."""
    return {f"{kind}_name": name, f"{kind}_headers": orjson.dumps(_headers()).decode()}


def _headers() -> dict[str, str]:
    """Request id and span: the worker's logs and spans can be joined with the request's."""
    headers = {}
    if (request_id := get_contextvars().get("request_id")) is not None:
        headers["request_id"] = str(request_id)
    if (traceparent := TRACEPARENT.get()) is not None:
        headers["traceparent"] = traceparent
    return headers
