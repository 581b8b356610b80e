"""The site under attacks and floods: slow clients, ambiguous requests, many connections."""

import resource
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event

import pytest

from app.core.errors import RateLimited, ServiceUnavailable
from tests.host.nginx import FEW, echo, hang_up, problem
from tests.support.full_server import full_server
from tests.support.site import DOMAIN, Site, logged, needs_nginx, of_several, running_site
from tests.support.stub_server import Request, Response, stub_server
from tests.support.waiting import HANG_SECONDS, wait_until

pytestmark = needs_nginx

IMPATIENT = {
    "client_header_timeout 10s": "client_header_timeout 1s",
    "client_body_timeout 15s": "client_body_timeout 1s",
}
PATIENT = {
    "client_header_timeout 10s": "client_header_timeout 900s",
    "client_body_timeout 15s": "client_body_timeout 900s",
}
AHEAD_SECONDS = 0.5
"""How much earlier the patient site gets its request. With equal limits it would cut off first.

nginx's timers are exact to 0.3 seconds.
"""
ENOUGH_FILES = 2048


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with (
        stub_server(echo) as upstream,
        running_site(tmp_path_factory.mktemp("nginx"), upstream.port, IMPATIENT) as site,
    ):
        yield site


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same site with very long limits, for comparison."""
    with (
        stub_server(echo) as upstream,
        running_site(tmp_path_factory.mktemp("patient"), upstream.port, PATIENT) as site,
    ):
        yield site


def test_a_client_with_slow_headers_is_cut_off(site: Site, patient: Site) -> None:
    """The patient site still accepts the slow client when this site closes the connection.

    In a server block nginx would use the default server's limit instead.
    """
    head = f"GET / HTTP/1.1\r\nHost: {DOMAIN}\r\nX-Slow: ".encode()
    with patient.connected() as allowed, site.connected() as slow:
        allowed.sendall(head)
        time.sleep(AHEAD_SECONDS)
        slow.sendall(head)
        wait_until("cut off", lambda: not accepts_a_byte(slow))
        # The first byte to a closed connection is still accepted, and answered by a reset.
        assert accepts_a_byte(allowed)
        time.sleep(AHEAD_SECONDS)
        assert accepts_a_byte(allowed)


def accepts_a_byte(connection: ssl.SSLSocket) -> bool:
    try:
        connection.sendall(b"x")
    except OSError:
        return False
    return True


def test_a_client_with_a_stalled_body_is_cut_off(site: Site, patient: Site) -> None:
    head = f"POST /api/v1/posts HTTP/1.1\r\nHost: {DOMAIN}\r\nContent-Length: 100\r\n\r\n"
    with patient.connected() as allowed, site.connected() as slow:
        allowed.sendall(head.encode() + b"x")
        time.sleep(AHEAD_SECONDS)
        slow.sendall(head.encode() + b"x")
        try:
            answer = slow.recv(65536)
        except ConnectionResetError:
            answer = b""
        assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")
        allowed.sendall(b"x" * 99)
        assert allowed.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_our_certificate_can_not_be_used_for_another_host(patient: Site) -> None:
    answer = patient.raw(b"GET / HTTP/1.1\r\nHost: other.example\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 421 ")


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process open a thousand connections; the default limit is often lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < ENOUGH_FILES:
        pytest.skip(f"this process may not open {ENOUGH_FILES} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, ENOUGH_FILES), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_a_thousand_idle_connections_leave_room_for_an_honest_request(tmp_path: Path) -> None:
    """Each sends half a request: nginx waits for the rest and can't reuse the connection."""
    with (
        stub_server(echo) as upstream,
        running_site(tmp_path, upstream.port) as site,
        ExitStack() as idle,
    ):
        for _ in range(1000):
            connection = socket.create_connection(("127.0.0.1", site.http), timeout=20)
            idle.enter_context(connection).sendall(b"GET / HTTP/1.1\r\nX-Idle: ")
        assert site.ask("GET", "/api/v1/posts").status_code == 200


def test_all_addresses_of_an_ipv6_network_share_one_limit(tmp_path: Path) -> None:
    """A header names the caller's address, because a test has no other addresses."""
    real_ip_from_header = "real_ip_header X-Caller; set_real_ip_from 127.0.0.1;"
    changes = {
        **FEW,
        "burst=400": "burst=1",
        "server_tokens off;": f"server_tokens off; {real_ip_from_header}",
    }

    with (
        stub_server(echo) as upstream,
        running_site(tmp_path, upstream.port, changes) as named_site,
    ):

        def ask(address: str) -> int:
            headers = {"X-Caller": address}
            return named_site.ask("GET", "/api/v1/posts", headers=headers).status_code

        assert [ask(f"2001:db8::{number}") for number in range(1, 4)] == [200, 200, 429]
        assert ask("2001:db8:0:1::1") == 200
        assert [ask(f"192.0.2.{number}") for number in range(1, 4)] == [200, 200, 200]


def test_a_flood_gets_429_and_readiness_still_answers(tmp_path: Path) -> None:
    with stub_server(echo) as upstream, running_site(tmp_path, upstream.port, FEW) as site:
        answers = [site.ask("GET", "/api/v1/posts") for _ in range(5)]
        assert [answer.status_code for answer in answers[:3]] == [200] * 3
        for refused in answers[3:]:
            problem(refused, RateLimited)
            assert refused.headers["retry-after"] == "1"
        assert site.ask("GET", "/health/ready").status_code == 200


def test_a_post_without_an_answer_is_not_sent_again(tmp_path: Path) -> None:
    """The app may have committed it. The client can retry with its Idempotency-Key."""
    with (
        stub_server(hang_up) as one,
        stub_server(hang_up) as other,
        running_site(tmp_path, one.port, of_several([one.port, other.port])) as site,
    ):
        problem(site.ask("POST", "/api/v1/posts", content=b"{}"), ServiceUnavailable)
    (request,) = one.requests + other.requests
    assert (request.method, request.target) == ("POST", "/api/v1/posts")


LARGE = 64 * 1024 * 1024
"""Far more than the buffers of the sockets between take."""


def test_a_client_that_stops_reading_is_cut_off(tmp_path: Path) -> None:
    changes = {"send_timeout 30s": "send_timeout 1s"}
    with (
        stub_server(lambda _: Response(200, b"x" * LARGE)) as upstream,
        running_site(tmp_path / "impatient", upstream.port, changes) as site,
        # With our own limit: the client that gets all may stand still for a second too.
        running_site(tmp_path / "patient", upstream.port) as patient,
    ):
        request = f"GET /media/x HTTP/1.1\r\nHost: {DOMAIN}\r\nX-Request-ID: stalled\r\n\r\n"
        with site.connected() as stalled:
            stalled.sendall(request.encode())
            logged(site, "stalled")  # nginx writes the line when it is done with the request.
            received = 0
            with suppress(ConnectionError, ssl.SSLError):
                while part := stalled.recv(65536):
                    received += len(part)
        assert received < LARGE
        whole = patient.ask("GET", "/media/x")
        assert len(whole.content) == LARGE


def test_an_app_that_does_not_answer_is_503(tmp_path: Path) -> None:
    changes = {"proxy_read_timeout 60s": "proxy_read_timeout 1s"}
    over = Event()

    def keep_waiting(_: Request) -> bytes:
        over.wait(HANG_SECONDS)
        return b""

    with (
        stub_server(keep_waiting) as upstream,
        running_site(tmp_path, upstream.port, changes) as site,
    ):
        problem(site.ask("POST", "/api/v1/posts"), ServiceUnavailable)
        over.set()


def test_an_app_that_takes_no_connection_is_503(tmp_path: Path) -> None:
    with full_server() as port, running_site(tmp_path, port) as site:
        problem(site.ask("POST", "/api/v1/posts"), ServiceUnavailable)
