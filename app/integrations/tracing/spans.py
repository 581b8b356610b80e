"""Makes spans. They have names, numbers and ids of our own, never what a user wrote or sent."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.core.pool import Trace
from app.core.tracing import TRACEPARENT

type Attributes = Mapping[str, str | int]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SERVER_ERROR = 500
_HEADERS = TraceContextTextMapPropagator()
_KEY = "traceparent"


class Spans:
    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def request(self, method: str) -> Iterator[Span]:
        """A request begins a trace. A client's `traceparent` is ignored: any phone could send one
        that makes us record.
        """
        known = method if method in _METHODS else "_OTHER"
        attributes = {"http.request.method": known}
        with self._span(known, SpanKind.SERVER, attributes, Context()) as span, _handed_on(span):
            yield span

    def note_answer(
        self, span: Span, method: str, route: str | None, status: int | None, request_id: str
    ) -> None:
        """`route` has the names of ids, not the ids."""
        if route is not None and method in _METHODS:
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
        span.set_attribute("linky.request_id", request_id)
        if status is not None:
            span.set_attribute("http.response.status_code", status)
            if status >= _SERVER_ERROR:
                span.set_status(StatusCode.ERROR)

    @contextmanager
    def job(self, name: str, traceparent: str | None, attempt: int) -> Iterator[None]:
        """The span belongs to the trace of the request that enqueued the job."""
        parent = _HEADERS.extract({_KEY: traceparent}, Context()) if traceparent else Context()
        attributes: Attributes = {"linky.job": name, "linky.attempt": attempt}
        with (
            self._span(f"job {name}", SpanKind.CONSUMER, attributes, parent) as span,
            _handed_on(span),
        ):
            yield

    @contextmanager
    def periodic(self, name: str) -> Iterator[None]:
        attributes = {"linky.periodic": name}
        with (
            self._span(f"periodic {name}", SpanKind.INTERNAL, attributes, Context()) as span,
            _handed_on(span),
        ):
            yield

    @contextmanager
    def call(self, name: str, attributes: Attributes) -> Iterator[Span]:
        with self._span(name, SpanKind.CLIENT, attributes) as span:
            yield span

    def begin_call(self, name: str, attributes: Attributes) -> Span:
        """Like `call`, for a caller that ends the span itself."""
        return self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)

    @contextmanager
    def _span(
        self, name: str, kind: SpanKind, attributes: Attributes, parent: Context | None = None
    ) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name,
            parent,
            kind,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                note_failure(span, error)
                raise


def note_failure(span: Span, error: BaseException) -> None:
    """Notes only the class of the error: PostgreSQL and SES quote values in their texts."""
    span.set_status(StatusCode.ERROR)
    span.set_attribute("error.type", type(error).__name__)


@contextmanager
def _handed_on(span: Span) -> Iterator[None]:
    """Jobs that are enqueued in this block get the span as their parent."""
    carrier: dict[str, str] = {}
    if span.get_span_context().is_valid:
        _HEADERS.inject(carrier)
    token = TRACEPARENT.set(carrier.get(_KEY))
    try:
        yield
    finally:
        TRACEPARENT.reset(token)


_WRITES = re.compile(
    r"\b(INSERT INTO|(?<!FOR )(?<!KEY )(?<!DO )UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE
)
_READS = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_NAMED = 3
"""At most so many writes of a statement are named."""

_STATEMENTS_KEPT = 1024


@lru_cache(_STATEMENTS_KEPT)
def description(sql: str) -> tuple[str, dict[str, str]]:
    """Returns a name and attributes for a statement's span.

    Only keywords and table names are read from the SQL, so no value gets into a span.
    """
    writes = [f"{act.split()[0].upper()} {table}" for act, table in _WRITES.findall(sql)]
    read = _READS.search(sql)
    verb = (sql.split(None, 1) or ["?"])[0].upper()
    if writes:
        name = ", ".join(list(dict.fromkeys(writes))[:_NAMED])
    elif read:
        name = f"SELECT {read[1]}"
    else:
        name = verb if verb.isalpha() else "?"
    digest = hashlib.sha256(sql.encode()).hexdigest()[:12]
    return name, {
        "db.system.name": "postgresql",
        "db.query.summary": name,
        "linky.statement": digest,
    }


def statement_trace(spans: Spans, server: str) -> Trace:
    """`server` is `primary` or `replica`."""

    def trace(sql: str) -> AbstractContextManager[object]:
        name, attributes = description(sql)
        return spans.call(name, {**attributes, "linky.database": server})

    return trace
