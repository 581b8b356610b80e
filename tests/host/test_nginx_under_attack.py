"""What the site does with those who mean harm, or too much of a good thing."""

import resource
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.core.errors import RateLimited, ServiceUnavailable
from tests.support.site import DOMAIN, FEW, Site, dying, echoing, needs_nginx, problem, running_site
from tests.support.waiting import wait_until

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
"""With the same limits the patient site would be the first to cut off; nginx's timers are exact to
0.3 seconds.
"""
ENOUGH_FILES = 2048


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with (
        echoing() as upstream,
        running_site(tmp_path_factory.mktemp("nginx"), upstream, IMPATIENT) as site,
    ):
        yield site


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same site with limits that no test outlasts, to be compared with."""
    with (
        echoing() as upstream,
        running_site(tmp_path_factory.mktemp("patient"), upstream, PATIENT) as site,
    ):
        yield site


def test_who_drips_headers_is_cut_off(site: Site, patient: Site) -> None:
    """In a server block the time limit would be the default server's. The patient site listens
    still when this one has had enough.
    """
    head = f"GET / HTTP/1.1\r\nHost: {DOMAIN}\r\nX-Slow: ".encode()
    with patient.connected() as heard, site.connected() as slow:
        heard.sendall(head)
        time.sleep(AHEAD_SECONDS)
        slow.sendall(head)
        wait_until("cut off", lambda: not takes_a_letter(slow))
        # The first letter to a closed connection is still taken, and answered by a reset.
        assert takes_a_letter(heard)
        time.sleep(AHEAD_SECONDS)
        assert takes_a_letter(heard)


def takes_a_letter(connection: ssl.SSLSocket) -> bool:
    try:
        connection.sendall(b"x")
    except OSError:
        return False
    return True


def test_who_does_not_go_on_with_a_body_is_cut_off(site: Site, patient: Site) -> None:
    head = f"POST /api/v1/posts HTTP/1.1\r\nHost: {DOMAIN}\r\nContent-Length: 100\r\n\r\n"
    with patient.connected() as heard, site.connected() as slow:
        heard.sendall(head.encode() + b"x")
        time.sleep(AHEAD_SECONDS)
        slow.sendall(head.encode() + b"x")
        try:
            answer = slow.recv(65536)
        except ConnectionResetError:
            answer = b""
        assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")
        heard.sendall(b"x" * 99)
        assert heard.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gibberish", 501),
        (b"GET / HTTP/1.1\r\nX-Nul: a\x00b", 400),
        (b"TRACE / HTTP/1.1", 405),
    ],
)
def test_what_two_servers_could_read_in_two_ways_reaches_none(
    site: Site, head: bytes, status: int
) -> None:
    answer = site.raw(head + f"\r\nHost: {DOMAIN}\r\n\r\nabc".encode())
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"_path" not in answer


def test_our_certificate_is_no_way_to_another_name(site: Site) -> None:
    answer = site.raw(b"GET / HTTP/1.1\r\nHost: other.example\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 421 ")


def test_http_2_is_spoken_and_connections_to_the_app_are_kept(site: Site) -> None:
    with site.connected(protocol="h2") as inside:
        assert inside.selected_alpn_protocol() == "h2"
    assert len({site.ask("GET", "/").json()["_port"] for _ in range(3)}) == 1


@pytest.fixture
def many_files() -> Iterator[None]:
    """This process may have a thousand connections open; many systems begin at fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < ENOUGH_FILES:
        pytest.skip(f"this process may not open {ENOUGH_FILES} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, ENOUGH_FILES), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_a_thousand_idle_connections_leave_room_for_an_honest_request(tmp_path: Path) -> None:
    """Half a request each: nginx waits for the rest, and can't reuse such a connection."""
    with echoing() as upstream, running_site(tmp_path, upstream) as site, ExitStack() as idle:
        for _ in range(1000):
            connection = socket.create_connection(("127.0.0.1", site.http), timeout=20)
            idle.enter_context(connection).sendall(b"GET / HTTP/1.1\r\nX-Idle: ")
        assert site.ask("GET", "/api/v1/posts").status_code == 200


def test_all_addresses_of_an_ipv6_line_count_as_one(tmp_path: Path) -> None:
    """The callers are named by a header, as no test can have so many addresses."""
    named = "real_ip_header X-Caller; set_real_ip_from 127.0.0.1;"
    changes = {**FEW, "burst=400": "burst=1", "server_tokens off;": f"server_tokens off; {named}"}

    with echoing() as upstream, running_site(tmp_path, upstream, changes) as named_site:

        def ask(address: str) -> int:
            headers = {"X-Caller": address}
            return named_site.ask("GET", "/api/v1/posts", headers=headers).status_code

        assert [ask(f"2001:db8::{number}") for number in range(1, 4)] == [200, 200, 429]
        assert ask("2001:db8:0:1::1") == 200
        assert [ask(f"192.0.2.{number}") for number in range(1, 4)] == [200, 200, 200]


def test_a_flood_is_told_to_wait_and_readiness_is_still_heard(tmp_path: Path) -> None:
    with echoing() as upstream, running_site(tmp_path, upstream, FEW) as site:
        answers = [site.ask("GET", "/api/v1/posts") for _ in range(5)]
        assert [one.status_code for one in answers[:3]] == [200] * 3
        for refused in answers[3:]:
            problem(refused, RateLimited)
            assert refused.headers["retry-after"] == "1"
        assert site.ask("GET", "/health/ready").status_code == 200


def test_a_post_whose_answer_was_lost_is_not_sent_again(tmp_path: Path) -> None:
    """It may have been committed; the client has its Idempotency-Key to find out."""
    with dying() as (upstream, requests), running_site(tmp_path, upstream) as site:
        problem(site.ask("POST", "/api/v1/posts", content=b"{}"), ServiceUnavailable)
    assert requests == ["POST /api/v1/posts HTTP/1.1"]
