"""A front like nginx: HTTPS that proxies to Linky, and HTTP that redirects."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.support.stub_server import Request, Response, stub_server
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

    def respond(self, request: Request) -> Response:
        if request.path in self.pages:
            status, kind, body = self.pages[request.path]
            return Response(status, body, {"Content-Type": kind, **self.headers})
        forwarded = {"X-Forwarded-For": "203.0.113.7"} if self.passes_addresses else {}
        answer = httpx.request(
            request.method,
            self.upstream + request.target,
            content=request.body,
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
        return Response(answer.status_code, answer.content, kept | self.headers)

    def lead(self, request: Request) -> Response:
        status, location = self.redirect or (308, f"{self.url}{request.target}")
        return Response(status, headers={"Location": location} if location else {})


@contextmanager
def front(context: ssl.SSLContext) -> Iterator[Front]:
    """Run both servers."""
    made = Front()
    with stub_server(made.respond, context) as https, stub_server(made.lead) as http:
        made.port, made.http_port = https.port, http.port
        yield made
