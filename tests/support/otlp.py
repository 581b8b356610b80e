"""A collector of traces on loopback: OTLP over real HTTP, with protobuf."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.support.stub_server import Request, Response, stub_server
from tests.support.waiting import HANG_SECONDS, wait_until

PROTOBUF = "application/x-protobuf"


@dataclass(frozen=True)
class SeenSpan:
    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    is_error: bool
    text: str
    """All of it as text, to look for what must not be there."""


class Collector:
    """Keeps the spans that arrive. `status` is its answer; while it is held it does not answer."""

    def __init__(self) -> None:
        self.spans: list[SeenSpan] = []
        self.requests = 0
        self.status = 200
        self.url = ""
        self._goes_on = threading.Event()
        self._goes_on.set()

    def hold(self) -> None:
        self._goes_on.clear()

    def go_on(self) -> None:
        self._goes_on.set()

    def respond(self, request: Request) -> Response:
        assert request.path == "/v1/traces"
        assert request.headers["Content-Type"] == PROTOBUF
        self.requests += 1
        self._goes_on.wait(HANG_SECONDS)
        if self.status == 200:
            self.spans += _spans(ExportTraceServiceRequest.FromString(request.body))
        done = ExportTraceServiceResponse().SerializeToString()
        return Response(self.status, done, {"Content-Type": PROTOBUF})

    def named(self, name: str, trace: str = "") -> list[SeenSpan]:
        return [s for s in list(self.spans) if s.name == name and trace in ("", s.trace)]

    def wait_for(self, name: str, trace: str = "") -> SeenSpan:
        """Returns the first span of this name."""
        return wait_until(f"a span {name}", lambda: self.named(name, trace))[0]


def _spans(request: ExportTraceServiceRequest) -> Iterator[SeenSpan]:
    for resource_spans in request.resource_spans:
        resource = _plain(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                yield SeenSpan(
                    str(resource["service.name"]),
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    _plain(span.attributes),
                    span.status.code == span.status.STATUS_CODE_ERROR,
                    f"{resource} {span}",
                )


def _plain(attributes: Any) -> dict[str, Any]:
    return {
        pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in attributes
    }


@contextmanager
def running_collector() -> Iterator[Collector]:
    collector = Collector()
    with stub_server(collector.respond) as server:
        collector.url = server.url
        try:
            yield collector
        finally:
            collector.go_on()
