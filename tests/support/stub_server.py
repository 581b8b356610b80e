"""An HTTP server on loopback that stands in for a service: a function of the test answers."""

import json
import ssl
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Request:
    """A request as it arrived. The names of its headers may be asked for in any case."""

    method: str
    target: str
    """The path with its query."""
    headers: Message
    body: bytes
    client_port: int

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2]))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Response:
    """What the server answers. A body in parts ends with the connection."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    kind = {"Content-Type": "application/json"}
    return Response(status, json.dumps(value).encode(), {**kind, **(headers or {})})


type Respond = Callable[[Request], Response | bytes]
"""Bytes are sent as they are, and the connection ends. So `b""` hangs up."""


class StubServer(ThreadingHTTPServer):
    """Keeps the requests that it gets."""

    request_queue_size = 64
    """With the standard queue of five, some of twenty connections at once are reset."""

    def __init__(self, respond: Respond) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.respond = respond
        self.requests: list[Request] = []

    @property
    def port(self) -> int:
        return self.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def handle_error(self, *where: Any) -> None:
        """Clients may hang up, and may refuse the certificate. Show every other error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(*where)


class _Handler(BaseHTTPRequestHandler):
    server: StubServer
    protocol_version = "HTTP/1.1"
    # Otherwise the body waits 40 ms for the client to acknowledge the headers.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        request = Request(self.command, self.path, self.headers, body, self.client_address[1])
        self.server.requests.append(request)
        response = self.server.respond(request)
        if isinstance(response, bytes):
            self.close_connection = True
            self.wfile.write(response)
        else:
            self._send(response)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names of http.server

    def _send(self, response: Response) -> None:
        body, headers = response.body, dict(response.headers)
        if isinstance(body, bytes):
            headers["Content-Length"] = str(len(body))
            body = [body]
        else:
            headers["Connection"] = "close"
        self.send_response_only(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        for part in body:
            self.wfile.write(part)

    def log_message(self, *_: object) -> None:
        """The log would stand between the test's own output."""


@contextmanager
def stub_server(respond: Respond, context: ssl.SSLContext | None = None) -> Iterator[StubServer]:
    """Serve while the block runs, with TLS if there is a context for it."""
    server = StubServer(respond)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
