"""Sends spans from a thread of its own. A collector that is down or hangs costs spans only."""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from app.core.metrics import SPANS
from app.core.version import app_version
from app.integrations.tracing.spans import Spans

SHUTDOWN_SECONDS = 2.0
"""How long the end of the process waits for the last spans."""

SILENT_SECONDS = 60.0
"""Between two lines of the log about spans that got lost."""

log = structlog.get_logger(__name__)


class Tracing:
    """The spans of a process, and what sends them. The environment says where to and which.

    The SDK reads `OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_BSP_MAX_QUEUE_SIZE`
    and the other standard variables.
    """

    def __init__(self, service: str) -> None:
        resource = Resource.create({"service.version": app_version()})
        if str(resource.attributes["service.name"]).startswith("unknown_service"):
            resource = resource.merge(Resource({"service.name": service}))
        # At exit the SDK would wait for a collector that hangs.
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(_Processor(CountingExporter(OTLPSpanExporter())))
        self.spans = Spans(self._provider.get_tracer("linky"))
        # It would log each failure, and each span that its full queue drops.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)

    async def close(self) -> None:
        """Send what is left. After two seconds the rest is lost."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()

        def shut_down() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # The loop is closed if this took too long.
                loop.call_soon_threadsafe(over.set)

        # A daemon: the interpreter must not wait for it either.
        threading.Thread(target=shut_down, name="linky-spans-end", daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(SHUTDOWN_SECONDS):
                await over.wait()


class _Processor(BatchSpanProcessor):
    """Queues spans, up to a bound, for its thread. Counts them too."""

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is not None and span.context.trace_flags.sampled:
            SPANS.labels("made").inc()
        super().on_end(span)


class CountingExporter(SpanExporter):
    """Counts what arrives and what does not, and logs a loss once a minute at most."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._lost = 0
        self._silent_until = 0.0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._exporter.export(spans)
        except Exception:  # noqa: BLE001 - of any error, the only harm is that spans are lost
            result = SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            SPANS.labels("sent").inc(len(spans))
        else:
            SPANS.labels("lost").inc(len(spans))
            self._note_loss(len(spans))
        return result

    def _note_loss(self, count: int) -> None:
        self._lost += count
        now = time.monotonic()
        if now >= self._silent_until:
            log.warning("spans_lost", count=self._lost, reason="the collector did not take them")
            self._lost, self._silent_until = 0, now + SILENT_SECONDS

    def shutdown(self) -> None:
        self._exporter.shutdown()
