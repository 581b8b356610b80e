"""`linky test-webhook` sends an event, and prints the outcome."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.support.command_line import Linky
from tests.support.hooks import SECRET, Received, is_signed


class Receiver(HTTPServer):
    status = 204
    received: list[Received]


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers["content-length"]))
        self.server.received.append(Received(self.path, headers, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(("127.0.0.1", 0), Handler) as server:
        server.received = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_event_is_sent_and_its_outcome_is_printed(
    linky: Linky, own_database: str, receiver: Receiver
) -> None:
    settings = {"LINKY_DATABASE_URL": own_database}
    result = linky("test-webhook", **settings)
    assert (result.returncode, "LINKY_WEBHOOK_URL is not set" in result.stderr) == (1, True)
    settings["LINKY_WEBHOOK_URL"] = f"http://127.0.0.1:{receiver.server_port}/"
    settings["LINKY_WEBHOOK_SECRET"] = SECRET
    result = linky("test-webhook", **settings)
    assert (result.returncode, result.stdout) == (0, "The receiver took the event.\n")
    assert is_signed(receiver.received[0])
    assert receiver.received[0].json["type"] == "test"
    receiver.status = 500
    result = linky("test-webhook", **settings)
    assert (result.returncode, "did not take the event: status 500" in result.stderr) == (1, True)
