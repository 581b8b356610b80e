"""The site's logs: they never contain the query of a request, which may carry a token."""

from contextlib import suppress
from pathlib import Path
from threading import Event, Semaphore

import pytest

from tests.host.nginx import FEW, echo, hang_up
from tests.support.ports import free_port
from tests.support.site import DOMAIN, Site, logged, needs_nginx, running_site
from tests.support.stub_server import Request, Respond, stub_server
from tests.support.waiting import HANG_SECONDS

pytestmark = needs_nginx

SECRET = "geheim-4711"
WITH_TOKENS = (
    f"/account/reset-password?token={SECRET}",
    f"/account/delete/confirm?token={SECRET}",
    f"//account/../account%2Fverify-email?token={SECRET}",
    f"/api/v1/auth/oauth/line/callback?code={SECRET}&state={SECRET}",
    f"/api/v1/auth/oauth/google/authorize?state={SECRET}",
)


def requests(more: str = "") -> list[bytes]:
    """Requests with tokens in the query and in the referrer; their ids are `0`, `1`, …"""
    return [
        (
            f"POST {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nX-Request-ID: {number}\r\n"
            f"Referer: https://{DOMAIN}/account/reset-password?token={SECRET}\r\n{more}"
            "Connection: close\r\n\r\n"
        ).encode()
        for number, path in enumerate(WITH_TOKENS)
    ]


def ensure_no_token_is_logged(site: Site, status: int) -> None:
    """Wait until all requests are logged with this status, then check every log for tokens."""
    for number, _ in enumerate(WITH_TOKENS):
        logged(site, str(number), status)
    logs = {log.name: log.read_text(encoding="utf-8") for log in site.folder.rglob("*.log")}
    assert {"access.log", "error.log", "main.log"} <= logs.keys()
    assert [line for text in logs.values() for line in text.splitlines() if SECRET in line] == []


def test_no_token_is_logged_while_the_app_is_down(tmp_path: Path) -> None:
    with running_site(tmp_path, upstream=free_port()) as site:
        for request in requests():
            site.raw(request)
        ensure_no_token_is_logged(site, 503)


@pytest.mark.parametrize(
    ("respond", "changes", "times", "status"),
    [(hang_up, {}, 1, 503), (echo, FEW, 2, 429)],
    ids=["the app closes the connection", "a flood is refused"],
)
def test_no_token_is_logged_if(
    tmp_path: Path, respond: Respond, changes: dict[str, str], times: int, status: int
) -> None:
    with stub_server(respond) as upstream, running_site(tmp_path, upstream.port, changes) as site:
        for request in requests() * times:
            site.raw(request)
        ensure_no_token_is_logged(site, status)


def test_no_token_is_logged_with_a_too_large_body(tmp_path: Path) -> None:
    with stub_server(echo) as upstream, running_site(tmp_path, upstream.port) as site:
        for request in requests("Content-Length: 60000000\r\n"):
            with site.connected() as client:
                client.sendall(request)
                assert client.recv(65536).startswith(b"HTTP/1.1 413 ")
        ensure_no_token_is_logged(site, 413)


def test_no_token_is_logged_if_a_body_can_not_be_stored(tmp_path: Path) -> None:
    """As with a full disk. nginx logs this with a higher level than an error."""
    with stub_server(echo) as upstream, running_site(tmp_path, upstream.port) as site:
        (tmp_path / "body").rmdir()
        (tmp_path / "body").touch()
        for request in requests("Content-Length: 300000\r\n"):
            with suppress(ConnectionResetError):
                site.raw(request + b"x" * 300_000)
        ensure_no_token_is_logged(site, 500)


def test_no_token_is_logged_if_the_client_disconnects(tmp_path: Path) -> None:
    arrived, over = Semaphore(0), Event()

    def keep_waiting(_: Request) -> bytes:
        arrived.release()
        over.wait(HANG_SECONDS)
        return b""

    with stub_server(keep_waiting) as upstream, running_site(tmp_path, upstream.port) as site:
        for request in requests():
            with site.connected() as client:
                client.sendall(request)
                assert arrived.acquire(timeout=HANG_SECONDS)
        ensure_no_token_is_logged(site, 499)
        over.set()


def test_no_token_is_logged_on_the_plain_port(tmp_path: Path) -> None:
    with stub_server(echo) as upstream, running_site(tmp_path, upstream.port) as site:
        for request in requests():
            site.plain(request.decode())
        ensure_no_token_is_logged(site, 308)


def test_the_access_log_shows_why_the_app_did_not_answer(tmp_path: Path) -> None:
    with running_site(tmp_path / "down", upstream=free_port()) as site:
        site.ask("GET", "/x", headers={"X-Request-ID": "down"})
        down, _ = logged(site, "down", 503)
    with stub_server(hang_up) as upstream, running_site(tmp_path / "dying", upstream.port) as site:
        site.ask("GET", "/x", headers={"X-Request-ID": "hung-up"})
        hung_up, _ = logged(site, "hung-up", 503)
    assert (down["upstream_status"], down["connect_seconds"]) == ("502", "-")
    assert hung_up["upstream_status"] == "502"
    assert float(hung_up["connect_seconds"]) >= 0
