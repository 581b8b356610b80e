"""A lean HTTP client: keep-alive connections that send ready bytes, and note how long each took."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httptools


@dataclass(frozen=True, slots=True)
class Request:
    """A request as bytes, and the status that its answer must have."""

    data: bytes
    expected: int


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class UnexpectedStatus(Exception):
    """A request was refused or failed, so the figures would mean nothing."""

    def __init__(self, sent: Request, answer: Answer) -> None:
        line = sent.data.split(b"\r\n", 1)[0].decode()
        body = answer.body[:300].decode(errors="replace")
        super().__init__(f"{line}: {answer.status} instead of {sent.expected}: {body}")
        self.status = answer.status


def request(
    method: str, path: str, headers: dict[str, str], body: bytes = b"", expected: int = 200
) -> Request:
    has_type = "Content-Type" in headers
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method in ("POST", "PUT"):
        lines += ["Content-Type: application/json"] if body and not has_type else []
        lines += [f"Content-Length: {len(body)}"]
    return Request("\r\n".join([*lines, "", ""]).encode() + body, expected)


class _Connection(asyncio.Protocol):
    _transport: asyncio.Transport
    _parser: httptools.HttpResponseParser
    _answer: asyncio.Future[Answer]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._body: list[bytes] = []
        self._answer = asyncio.get_running_loop().create_future()

    async def ask(self, data: bytes) -> Answer:
        self._answer = asyncio.get_running_loop().create_future()
        self._body = []
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(data)
        return await self._answer

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))
            self._answer.exception()  # Nothing waits for it if no request was sent.

    # httptools calls these.

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if not self._answer.done():
            self._answer.set_result(Answer(self._parser.get_status_code(), b"".join(self._body)))


@dataclass(frozen=True, slots=True)
class Burst:
    """What the client saw of a burst: its length, and the time of each request, in seconds."""

    seconds: float
    latencies: list[float]


async def send_burst(port: int, requests: Sequence[Request], connections: int) -> Burst:
    """Send all requests over so many connections, each as soon as one is free.

    Raises UnexpectedStatus.
    """
    opened = [await _connect(port) for _ in range(min(connections, len(requests)))]
    waiting = iter(requests)
    latencies: list[float] = []

    async def work(connection: _Connection) -> None:
        for one in waiting:
            begin = time.perf_counter()
            answer = await connection.ask(one.data)
            latencies.append(time.perf_counter() - begin)
            _check(one, answer)

    begin = time.perf_counter()
    try:
        async with asyncio.TaskGroup() as tasks:
            for connection in opened:
                tasks.create_task(work(connection))
    except* UnexpectedStatus as group:
        raise group.exceptions[0] from None
    finally:
        for connection in opened:
            connection.close()
    return Burst(time.perf_counter() - begin, latencies)


async def send(port: int, one: Request) -> bytes:
    """Send a single request, and return the body of its answer. Raises UnexpectedStatus."""
    connection = await _connect(port)
    try:
        answer = await connection.ask(one.data)
    finally:
        connection.close()
    _check(one, answer)
    return answer.body


async def _connect(port: int) -> _Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
    return connection


def _check(sent: Request, answer: Answer) -> None:
    if answer.status != sent.expected:
        raise UnexpectedStatus(sent, answer)
