"""Spans of the statements that run on SQLAlchemy's engine. Loaded only if traces are made."""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from app.integrations.tracing.spans import Spans, note_failure
from app.integrations.tracing.statements import description

_SPAN = "linky_span"


def trace_engine(spans: Spans, engine: Engine) -> None:
    """Make a span of each statement of an engine."""

    def begin(_: Any, __: Any, statement: str, ___: Any, context: Any, ____: Any) -> None:
        setattr(context, _SPAN, spans.begin_call(*description(statement)))

    def end(_: Any, __: Any, ___: Any, ____: Any, context: Any, _____: Any) -> None:
        if (span := _taken(context)) is not None:
            span.end()

    def fail(failure: ExceptionContext) -> None:
        if (span := _taken(failure.execution_context)) is not None:
            note_failure(span, failure.original_exception)
            span.end()

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", fail)


def _taken(context: Any) -> Any:
    """The span that this execution of a statement began, once."""
    span = getattr(context, _SPAN, None)
    if span is not None:
        setattr(context, _SPAN, None)
    return span
