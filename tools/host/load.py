"""Load on the machine, from inside its network: users read and write, and count each failure.

    python -m tools.host.load AUTHORITY SESSIONS REPORT

It calls nginx by name and verifies the certificate, until it gets SIGTERM; then it writes its
figures. It repeats no request, with one exception that every HTTP client makes (RFC 9112, 9.3.1):
if the server has just closed an idle connection, it connects again. It counts these cases too.
"""

import asyncio
import json
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tools.host import DOMAIN

URL = f"https://{DOMAIN}/api/v1"
PAUSE_SECONDS = 0.12
"""The rate limit of a user is 600 reads a minute."""

TIMEOUT_SECONDS = 65.0
"""Longer than nginx waits for the app (60 s)."""


@dataclass
class Figures:
    requests: int = 0
    writes: int = 0
    failures: list[str] = field(default_factory=list)
    reconnects: int = 0
    slowest_seconds: float = 0.0
    serials: list[str] = field(default_factory=list)


class Caller:
    def __init__(self, session: dict[str, Any], context: ssl.SSLContext, figures: Figures) -> None:
        self._figures = figures
        self._context = context
        self._session = session
        self._client = self._connected()

    def _connected(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=self._context,
            timeout=TIMEOUT_SECONDS,
            headers={"Authorization": f"Bearer {self._session['access_token']}"},
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Read the feed, the lounges and the notifications; write a post now and then."""
        number = 0
        while not stop.is_set():
            number += 1
            if number % 20 == 1:
                await self._write()
            else:
                path = ("/posts", "/lounges?sort=new", "/notifications/unread-count")[number % 3]
                await self._call("GET", path, 200)
            await asyncio.sleep(PAUSE_SECONDS)
        await self._client.aclose()

    async def _write(self) -> None:
        post = {"lounge_id": self._session["lounge_id"], "title": "負荷", "body": "こんにちは"}
        key = {"Idempotency-Key": str(uuid4())}
        if await self._call("POST", "/posts", 201, json=post, headers=key):
            self._figures.writes += 1

    async def _call(self, method: str, path: str, wanted: int, **how: Any) -> bool:
        figures, started = self._figures, time.monotonic()
        figures.requests += 1
        try:
            answer = await self._sent(method, path, **how)
            trouble = "" if answer.status_code == wanted else f"{answer.status_code}: {answer.text}"
        except httpx.HTTPError as error:
            trouble = f"{type(error).__name__}: {error}"
        seconds = time.monotonic() - started
        figures.slowest_seconds = max(figures.slowest_seconds, seconds)
        if trouble:
            figures.failures.append(f"{method} {path} after {seconds:.1f} s: {trouble[:200]}")
        return not trouble

    async def _sent(self, method: str, path: str, **how: Any) -> httpx.Response:
        try:
            return await self._client.request(method, URL + path, **how)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            self._figures.reconnects += 1
            await self._client.aclose()
            self._client = self._connected()
            return await self._client.request(method, URL + path, **how)


async def new_connections(context: ssl.SSLContext, figures: Figures, stop: asyncio.Event) -> None:
    """Connect again and again, as phones do, and note the certificates."""
    while not stop.is_set():
        figures.requests += 1
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                serial = await asyncio.to_thread(serial_of, context)
            if serial not in figures.serials:
                figures.serials.append(serial)
        except (OSError, TimeoutError) as error:
            figures.failures.append(f"handshake: {type(error).__name__}: {error}")
        await asyncio.sleep(PAUSE_SECONDS)


def serial_of(context: ssl.SSLContext) -> str:
    with (
        socket.create_connection((DOMAIN, 443), timeout=TIMEOUT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=DOMAIN) as inside,
    ):
        certificate = inside.getpeercert() or {}
        return str(certificate["serialNumber"])


def resolve_here() -> None:
    """Resolve the machine's name to loopback, since we are in its network."""
    resolve = socket.getaddrinfo

    def resolved(host: Any, *rest: Any, **how: Any) -> Any:
        return resolve("127.0.0.1" if host in (DOMAIN, DOMAIN.encode()) else host, *rest, **how)

    socket.getaddrinfo = resolved


async def call_until_sigterm(
    authority: str, sessions: list[dict[str, Any]], on_start: Callable[[], None]
) -> dict[str, Any]:
    """Runs all callers at once until SIGTERM. Returns their figures."""
    stop, figures = asyncio.Event(), Figures()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    context = ssl.create_default_context(cafile=authority)
    callers = [Caller(session, context, figures) for session in sessions]
    started = time.monotonic()
    on_start()
    async with asyncio.TaskGroup() as group:
        group.create_task(new_connections(context, figures, stop))
        for caller in callers:
            group.create_task(caller.run(stop))
    return asdict(figures) | {"seconds": time.monotonic() - started}


def main(authority: str, sessions: str, report: str) -> None:
    resolve_here()
    loaded = json.loads(Path(sessions).read_text(encoding="utf-8"))
    on_start = Path(report).with_suffix(".started").touch
    figures = asyncio.run(call_until_sigterm(authority, loaded, on_start))
    Path(report).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
