"""Traces, sent by OTLP over HTTP if the environment names an endpoint.

The other modules here import OpenTelemetry. They are loaded only if traces are asked for.

OpenTelemetry's instrumentation libraries (0.66b1, all beta) were not taken. That of ASGI records
the query and follows a client's `traceparent`, that of asyncpg records the whole statement: hooks
of ours would take it out again. There is none for our jobs. Four fifths of this code would stay.
"""

from collections.abc import Mapping

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def is_asked_for(environment: Mapping[str, str]) -> bool:
    """Whether to make traces, by the standard's variables."""
    is_off = (
        environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
        or environment.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
    )
    return not is_off and any(environment.get(name) for name in _ENDPOINTS)
