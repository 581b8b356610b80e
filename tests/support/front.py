"""A front like nginx: HTTPS that proxies to Linky, and HTTP that redirects."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.support.waiting import HANG_SECONDS

HSTS = "max-age=63072000; includeSubDomains"


class Front:
    """A proxy on loopback. A test sets its faults by the attributes.

    The proxy serves `pages` itself: status, type, body. Without `passes_addresses` the app takes
    every client for this machine.
    """

    def __init__(self) -> None:
        self.upstream = ""
        self.port = 0
        self.http_port = 0
        self.pages: dict[str, tuple[int, str, bytes]] = {}
        self.headers: dict[str, str] = {}
        self.dropped: set[str] = set()
        self.passes_addresses = True
        self.redirect: tuple[int, str] | None = None
        self.reset()

    def reset(self) -> None:
        """Remove all faults."""
        page = (200, "text/html", b"<h1>a page</h1>")
        self.pages = {"/terms.html": page, "/privacy.html": page}
        self.headers = {"Strict-Transport-Security": HSTS, "Server": "nginx"}
        self.dropped = set()
        self.passes_addresses = True
        self.redirect = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def answer(self, request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
        path = request.path.partition("?")[0]
        if path in self.pages:
            status, kind, body = self.pages[path]
            return status, {"Content-Type": kind, **self.headers}, body
        forwarded = {"X-Forwarded-For": "203.0.113.7"} if self.passes_addresses else {}
        length = int(request.headers.get("Content-Length", "0"))
        answer = httpx.request(
            request.command,
            self.upstream + request.path,
            content=request.rfile.read(length),
            headers={"X-Forwarded-Proto": "https", **forwarded},
            timeout=HANG_SECONDS,
        )
        replaced = {"content-length", "content-encoding"}
        replaced |= {name.lower() for name in self.headers}
        kept = {
            name: value
            for name, value in answer.headers.items()
            if name not in self.dropped | replaced
        }
        return answer.status_code, kept | self.headers, answer.content

    def lead(self, request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
        status, location = self.redirect or (308, f"{self.url}{request.path}")
        return status, {"Location": location} if location else {}, b""


@contextmanager
def serving(answer: Any, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that answers by this function."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self)
            self.send_response_only(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """No log."""

    server = QuietServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class QuietServer(ThreadingHTTPServer):
    """Does not log clients that break off the handshake."""

    def handle_error(self, *_: Any) -> None:
        """Some tests use clients that trust no certificate."""


@contextmanager
def front(context: ssl.SSLContext) -> Iterator[Front]:
    """Run both servers."""
    made = Front()
    with serving(made.answer, context) as made.port, serving(made.lead) as made.http_port:
        yield made
