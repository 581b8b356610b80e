"""The site in a real nginx, in front of an upstream that returns the request it got."""

import re
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Semaphore

import httpx
import pytest

from app.core.errors import HeadersTooLarge, Overloaded, PayloadTooLarge, ServiceUnavailable
from app.core.texts import Locale
from app.live.hub.events import BEAT_SECONDS
from tests.host.nginx import echo, problem, secure
from tests.support.ports import free_port
from tests.support.site import DOMAIN, Site, logged, needs_nginx, of_several, rendered, running_site
from tests.support.stub_server import Request, Response, stub_server
from tests.support.waiting import HANG_SECONDS


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nginx")
    challenge = folder / "acme" / ".well-known" / "acme-challenge" / "token"
    challenge.parent.mkdir(parents=True)
    challenge.write_text("proof")
    with stub_server(echo) as upstream, running_site(folder, upstream.port) as site:
        yield site


def test_an_older_nginx_gets_http2_as_a_parameter_of_listen() -> None:
    newer, older = rendered(DOMAIN, "1.26.3"), rendered(DOMAIN, "1.24.0")
    assert "http2 on;" in newer
    assert "ssl http2;" not in newer
    assert "http2 on;" not in older
    assert older.count("443 ssl http2;") == 2
    assert "@DOMAIN@" not in newer + older


@needs_nginx
def test_http_is_redirected_to_https_with_the_method_kept(site: Site) -> None:
    for method in ("GET", "POST"):
        answer = site.plain(
            f"{method} /api/v1/posts?q=a%20b HTTP/1.1\r\nHost: {DOMAIN}\r\n"
            "Content-Length: 0\r\nConnection: close\r\n\r\n"
        ).decode()
        assert answer.startswith("HTTP/1.1 308 ")
        assert f"Location: https://{DOMAIN}/api/v1/posts?q=a%20b\r\n" in answer


@needs_nginx
def test_lets_encrypts_challenge_is_answered_over_http(site: Site) -> None:
    path = "/.well-known/acme-challenge/token"
    answer = site.plain(f"GET {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\nproof")


@needs_nginx
def test_requests_for_another_host_get_no_answer_and_no_certificate(site: Site) -> None:
    assert site.plain("GET / HTTP/1.1\r\nHost: other.example\r\n\r\n") == b""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for name in ("other.example", None):
        with (
            socket.create_connection(("127.0.0.1", site.https), timeout=HANG_SECONDS) as connection,
            pytest.raises(ssl.SSLError),
        ):
            context.wrap_socket(connection, server_hostname=name)


@needs_nginx
def test_the_app_gets_the_real_address_and_not_the_clients_claim(site: Site) -> None:
    claimed = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=203.0.113.9",
        "X-Request-ID": "from-the-app_1:2/3+4=",
    }
    answer = site.ask("GET", "/api/v1/posts?q=x", headers=claimed)
    secure(answer)
    sent = answer.json()
    assert sent["_path"] == "/api/v1/posts?q=x"
    assert sent["Host"] == DOMAIN
    assert sent["X-Forwarded-For"] == "127.0.0.1"
    assert sent["X-Forwarded-Proto"] == "https"
    assert sent["X-Request-ID"] == "from-the-app_1:2/3+4="
    assert "X-Forwarded-Host" not in sent
    assert "Forwarded" not in sent
    assert "X-Forwarded-For" in site.ask("GET", "/health/ready").json()


@needs_nginx
def test_the_app_gets_the_real_port_and_not_the_clients_claim(site: Site) -> None:
    port = free_port()
    request = f"GET / HTTP/1.1\r\nHost: {DOMAIN}\r\nX-Client-Port: 1\r\nConnection: close\r\n\r\n"
    answer = site.raw(request.encode(), port).decode(errors="replace")
    assert f'"X-Client-Port": "{port}"' in answer
    assert '"X-Client-Port": "1"' not in answer


@needs_nginx
def test_an_invalid_request_id_is_replaced(site: Site) -> None:
    answer = site.ask("GET", "/", headers={"X-Request-ID": 'x"}{'})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.json()["X-Request-ID"])


@needs_nginx
def test_the_apps_errors_pass_unchanged(site: Site) -> None:
    for status in (404, 413, 429, 500, 503):
        answer = site.ask("GET", f"/{status}")
        assert answer.status_code == status
        assert answer.json()["_path"] == f"/{status}"
        secure(answer)


@needs_nginx
@pytest.mark.parametrize("locale", ["ja", "en"])
def test_a_far_too_large_body_is_refused_with_the_apps_problem(site: Site, locale: Locale) -> None:
    head = f"POST /api/v1/images HTTP/1.1\r\nHost: {DOMAIN}\r\nAccept-Language: {locale}\r\n"
    raw = site.raw(f"{head}Content-Length: 60000000\r\n\r\n".encode())
    status, _, rest = raw.partition(b"\r\n")
    headers, _, body = rest.partition(b"\r\n\r\n")
    pairs = [line.split(": ", 1) for line in headers.decode().split("\r\n")]
    problem(
        httpx.Response(
            int(status.split()[1]),
            headers=[(name, value) for name, value in pairs],
            content=body,
            request=httpx.Request("POST", "https://x/api/v1/images"),
        ),
        PayloadTooLarge,
        locale,
    )


@needs_nginx
def test_a_picture_within_the_limit_reaches_the_app(site: Site) -> None:
    answer = site.ask("POST", "/api/v1/images", content=b"x" * (10 * 1024 * 1024 + 60_000))
    assert answer.status_code == 200
    assert answer.json()["Content-Length"] == str(10 * 1024 * 1024 + 60_000)


@needs_nginx
def test_too_large_headers_get_a_problem_too(site: Site) -> None:
    five = {f"X-{each}": "x" * 12_000 for each in range(5)}
    for headers in ({"X-Large": "x" * 60_000}, five):
        assert site.ask("GET", "/x", headers=headers).status_code == 200
    line = site.raw(b"GET /" + b"x" * 70_000 + f" HTTP/1.1\r\nHost: {DOMAIN}\r\n\r\n".encode())
    assert line.startswith(b"HTTP/1.1 431 ")
    assert b'"instance":""' in line
    assert b'"code":"headers_too_large"' in line
    answer = site.ask("GET", "/x", headers={"X-Large": "x" * 70_000})
    problem(answer, HeadersTooLarge)


@needs_nginx
def test_large_answers_are_compressed(site: Site) -> None:
    answer = site.ask("GET", "/x", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in answer.headers["vary"].lower()


@needs_nginx
def test_the_log_has_one_json_line_a_request_without_the_query(site: Site) -> None:
    site.ask("GET", "/logged?token=geheim", headers={"X-Request-ID": "logged-one"})
    entry, text = logged(site, "logged-one")
    assert (entry["path"], entry["status"], entry["method"]) == ("/logged", 200, "GET")
    assert "geheim" not in text


@needs_nginx
def test_what_the_app_has_no_place_for_is_refused_by_nginx_in_the_apps_words(
    tmp_path: Path,
) -> None:
    arrived, go_on = Semaphore(0), Event()

    def respond(request: Request) -> Response:
        if request.path == "/api/v1/held":
            arrived.release()
            go_on.wait(HANG_SECONDS)
        return echo(request)

    two = {"max_conns=128": "max_conns=2"}
    with (
        stub_server(respond) as upstream,
        running_site(tmp_path, upstream.port, two) as site,
        ThreadPoolExecutor(2) as threads,
    ):
        held = [threads.submit(site.ask, "GET", "/api/v1/held") for _ in range(2)]
        try:
            for _ in held:
                assert arrived.acquire(timeout=HANG_SECONDS)
            for method, locale in (("GET", "ja"), ("POST", "en")):
                asked = {"Accept-Language": locale}
                refused = site.ask(method, "/api/v1/posts", headers=asked)
                problem(refused, Overloaded, "ja" if locale == "ja" else "en")
                assert refused.headers["retry-after"] == "2"
            always = ("/health/ready", "/api/v1/auth/logout", "/admin", "/api/v1/admin/reports")
            for path in always:
                assert site.ask("POST", path).is_success
        finally:
            go_on.set()
        assert [answer.result(HANG_SECONDS).is_success for answer in held] == [True, True]
        assert site.ask("GET", "/api/v1/posts").is_success


@needs_nginx
def test_of_several_servers_one_may_be_away(tmp_path: Path) -> None:
    with stub_server(echo) as upstream:
        ports = [free_port(), upstream.port]
        with running_site(tmp_path, ports[0], of_several(ports)) as site:
            for path in ("/api/v1/posts", "/health/ready", "/admin") * 4:
                assert site.ask("GET", path).is_success
                assert site.ask("POST", path).is_success


@needs_nginx
def test_without_the_app_the_answer_is_503_with_retry_after(tmp_path: Path) -> None:
    with running_site(tmp_path, upstream=free_port()) as site_without_app:
        answer = site_without_app.ask("GET", "/api/v1/posts", headers={"Accept-Language": "en-GB"})
        problem(answer, ServiceUnavailable, "en")
        assert answer.headers["retry-after"] == "5"


class Streaming:
    """A stream sends an event, and a second one when `released` is set."""

    def __init__(self) -> None:
        self.released = Event()

    def respond(self, request: Request) -> Response:
        if request.path != "/api/v1/live":
            return echo(request)
        headers = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}
        return Response(200, self._chunks(), headers)

    def _chunks(self) -> Iterator[bytes]:
        for event in (b"event: hello\n\n", b"event: bye\n\n"):
            yield b"%x\r\n%s\r\n" % (len(event), event)
            self.released.wait(HANG_SECONDS)
        yield b"0\r\n\r\n"


STREAM = f"GET /api/v1/live HTTP/1.1\r\nHost: {DOMAIN}\r\nAccept-Encoding: gzip\r\n\r\n".encode()


def read_until(connection: ssl.SSLSocket, end: bytes) -> bytes:
    answer = b""
    while end not in answer:
        got = connection.recv(65536)
        assert got, answer
        answer += got
    return answer


@needs_nginx
def test_each_event_of_a_stream_passes_at_once(tmp_path: Path) -> None:
    streaming = Streaming()
    with (
        stub_server(streaming.respond) as upstream,
        running_site(tmp_path, upstream.port) as site,
        site.connected() as connection,
    ):
        try:
            connection.sendall(STREAM)
            # The upstream waits after this event.
            assert b"content-encoding" not in read_until(connection, b"event: hello\n\n").lower()
            streaming.released.set()
            read_until(connection, b"event: bye\n\n")
        finally:
            streaming.released.set()


@needs_nginx
def test_open_streams_take_no_place_of_a_request(tmp_path: Path) -> None:
    streaming = Streaming()
    two = {"max_conns=128": "max_conns=2"}
    with (
        stub_server(streaming.respond) as upstream,
        running_site(tmp_path, upstream.port, two) as site,
        ExitStack() as streams,
    ):
        try:
            for _ in range(3):
                stream = streams.enter_context(site.connected())
                stream.sendall(STREAM)
                read_until(stream, b"event: hello\n\n")
            assert site.ask("GET", "/api/v1/posts").is_success
        finally:
            streaming.released.set()


def test_streams_have_limits_of_their_own() -> None:
    site = rendered(DOMAIN, "1.26.3")
    location = site.partition("location = /api/v1/live {")[2].partition("}")[0]
    assert "limit_conn linky_streams" in location
    assert "gzip off;" in location
    seconds = re.search(r"proxy_read_timeout (\d+)s;", location)
    assert seconds is not None
    assert int(seconds[1]) > 2 * BEAT_SECONDS
