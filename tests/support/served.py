"""A real server process with a database of its own, and its log."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.database import fresh_database
from tests.support.preloaded import Process, start
from tests.support.waiting import HANG_SECONDS
from tests.support.world import PASSWORD, token

PREFIX = "/api/v1"


class Served:
    def __init__(self, port: int, log: Path, database_url: str) -> None:
        self.port = port
        self.database_url = database_url
        self.log = log
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=HANG_SECONDS)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()[1:] if line]

    def raw(self, head: str, *chunks: bytes) -> tuple[int, dict[str, Any], int]:
        """Send a request until it is answered; returns the status, the body and the bytes sent.

        A byte that is not UTF-8 is written `\\udcff`.
        """
        sent = 0
        with socket.create_connection(("127.0.0.1", self.port), HANG_SECONDS) as connection:
            line = head.replace("\n", "\r\n").encode("utf-8", "surrogateescape")
            connection.sendall(line + b"\r\n\r\n")
            try:
                for chunk in chunks:
                    connection.sendall(chunk)
                    sent += len(chunk)
            except (BrokenPipeError, ConnectionResetError):
                pass
            answer = b""
            try:
                while more := connection.recv(65536):
                    answer += more
            except ConnectionResetError:
                pass
        top, _, body = answer.partition(b"\r\n\r\n")
        return int(top.split()[1]), json.loads(body) if body else {}, sent


@contextmanager
def serving(server_url: str, folder: Path) -> Iterator[Served]:
    """A server without a worker and without rate limits, which keeps its log in `folder`."""
    log = folder / "log"
    with fresh_database(server_url, f"served_{token()}") as url, log.open("wb") as out:
        settings = os.environ | {
            "LINKY_DATABASE_URL": url,
            "LINKY_DATA_DIR": str(folder),
            "LINKY_JWT_KEYS": "test:" + "t" * 40,
            "LINKY_LOG_LEVEL": "debug",
            "LINKY_RATE_LIMITS": "off",
            "LINKY_WORKER": "apart",
        }
        process = start("tests.support.failing_server:main", [], settings, out, folder)
        try:
            served = Served(port_of(process, log), log, url)
            assert served.http.get("/health/live").status_code == 200
            yield served
            served.http.close()
        finally:
            process.terminate()
            process.wait(HANG_SECONDS)


def port_of(process: Process, log: Path) -> int:
    while process.poll() is None:
        first, newline, _ = log.read_text().partition("\n")
        if newline:
            return int(first)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)
    raise AssertionError(log.read_text())


def member_headers(served: Served) -> dict[str, str]:
    """The bearer token of a new member."""
    form = {"email": f"s-{token()}@example.com", "password": PASSWORD, "nickname": "試験"}
    signed_in = served.http.post(f"{PREFIX}/auth/register", json=form).json()
    return {"Authorization": f"Bearer {signed_in['tokens']['access_token']}"}
