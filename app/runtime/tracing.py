"""Traces of a process, if the environment asks for them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from app.integrations.tracing import is_asked_for
from app.runtime.runtime import Runtime

if TYPE_CHECKING:
    from app.integrations.tracing.spans import Spans

log = structlog.get_logger(__name__)


@asynccontextmanager
async def traced(runtime: Runtime, service: str) -> AsyncIterator[None]:
    """Make and send spans during the block. Without the setting, nothing is loaded or changed."""
    if not is_asked_for(os.environ):
        yield
        return
    try:
        from app.integrations.tracing.exporting import Tracing
    except ImportError:
        # A platform may set the variable for everything that it runs.
        log.warning("traces_impossible", reason="install linky[otel]")
        yield
        return
    tracing = Tracing(service)
    trace(runtime, tracing.spans)
    try:
        yield
    finally:
        await tracing.close()


def trace(runtime: Runtime, spans: Spans) -> None:
    from app.integrations.tracing.parts import TracedMailer, TracedPushSender, TracedStorage
    from app.integrations.tracing.spans import statement_trace

    runtime.spans = spans
    runtime.storage = TracedStorage(spans, runtime.storage)
    runtime.push = TracedPushSender(spans, runtime.push)
    runtime.mailer = TracedMailer(spans, runtime.mailer)
    for pool in runtime.pools.by_name().values():
        pool.trace = statement_trace(spans, "primary")
    if runtime.replica is not None:
        runtime.replica.trace = statement_trace(spans, "replica")
