"""A server that stops answers what is on its way: no proxy sees a reset connection."""

import asyncio
import socket

import orjson
import pytest
import uvicorn
from fastapi import FastAPI
from httptools import HttpResponseParser

from app.cli import server as cli
from app.cli.server import Server
from app.web.http_protocol import HttpProtocol
from tests.support.waiting import HANG_SECONDS, until

REQUEST = b"GET /docs HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


@pytest.fixture
async def uvicorn_here(listener: socket.socket) -> Server:
    """A server in the loop of the test. The test shuts it down."""
    app = FastAPI()
    app.state.worker = None
    config = uvicorn.Config(app, http=HttpProtocol, lifespan="off", log_config=None)
    config.load()
    server = Server(config, app, lambda: None)
    server.lifespan = config.lifespan_class(config)
    await server.startup([listener])
    return server


class Client:
    """A connection that stays open, like a proxy's."""

    def __init__(self, listener: socket.socket) -> None:
        self._socket = socket.create_connection(listener.getsockname())
        self._socket.setblocking(False)

    def send(self) -> None:
        """Send a request, without a turn for the server."""
        self._socket.sendall(REQUEST)

    async def answer(self) -> tuple[int, bool]:
        """The status of the next answer, and whether the server closes the connection after it."""
        seen: dict[str, bool] = {}

        class Callbacks:
            def on_header(self, name: bytes, value: bytes) -> None:
                seen["closes"] = seen.get("closes", False) or (name, value) == CLOSE

            def on_message_complete(self) -> None:
                seen["complete"] = True

        parser = HttpResponseParser(Callbacks())
        loop = asyncio.get_running_loop()
        while "complete" not in seen:
            data = await loop.sock_recv(self._socket, 65536)
            assert data, "the server closed the connection without an answer"
            parser.feed_data(data)
        return parser.get_status_code(), seen["closes"]

    def close(self) -> None:
        self._socket.close()


CLOSE = (b"connection", b"close")


async def test_a_request_that_comes_while_the_server_stops_is_answered(
    uvicorn_here: Server, listener: socket.socket
) -> None:
    client = Client(listener)
    client.send()
    assert await client.answer() == (200, False)
    stopping = asyncio.create_task(uvicorn_here.shutdown([listener]))
    await until(lambda: CLOSE in uvicorn_here.server_state.default_headers)
    client.send()
    assert await client.answer() == (200, True)
    client.close()
    await stopping


async def test_what_waits_in_the_sockets_is_answered_too(
    uvicorn_here: Server, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy server has not read it yet, nor accepted the connection."""
    monkeypatch.setattr(cli, "LINGER_SECONDS", 0)
    known, new = Client(listener), Client(listener)
    known.send()
    assert await known.answer() == (200, False)
    known.send()
    new.send()
    stopping = asyncio.create_task(uvicorn_here.shutdown([listener]))
    assert (await known.answer())[0] == 200
    assert (await new.answer())[0] == 200
    known.close()
    new.close()
    await stopping


async def test_a_request_that_outlasts_the_stop_is_cut_off(
    uvicorn_here: Server, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "LINGER_SECONDS", 0)
    uvicorn_here.config.timeout_graceful_shutdown = 1  # In the place of GRACEFUL_SECONDS.
    began = asyncio.Event()

    async def hang() -> None:
        began.set()
        await asyncio.Event().wait()

    uvicorn_here._app.add_api_route("/hang", hang)
    with socket.create_connection(listener.getsockname()) as client:
        client.sendall(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.wait_for(began.wait(), HANG_SECONDS)
        await asyncio.wait_for(uvicorn_here.shutdown([listener]), HANG_SECONDS)
        client.settimeout(HANG_SECONDS)
        answer = await asyncio.to_thread(client.makefile("rb").read)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"connection: close" in head.lower()
    assert b"retry-after: 5" in head.lower()
    assert orjson.loads(body)["code"] == "service_unavailable"
