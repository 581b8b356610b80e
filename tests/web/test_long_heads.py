"""A request's line and headers have 64 KiB. Beyond, the server answers 431 and reads no more."""

import asyncio
import logging

import orjson
import pytest

from app.web.http_protocol import MOST_HEAD
from app.web.problems import CONTENT_TYPE
from tests.support.world import World
from tests.web.raw_http import RawClient

END = b"\r\n\r\n"
MANY = b"".join(b"x-%04d: y\r\n" % each for each in range(7000))


def head_of(size: int, *, in_url: bool = False) -> bytes:
    """A whole head of so many bytes."""
    begin, end = (
        (b"GET /health/live?", b" HTTP/1.1\r\nHost: test" + END)
        if in_url
        else (b"GET /health/live HTTP/1.1\r\nHost: test\r\nX-Long: ", END)
    )
    return begin + b"a" * (size - len(begin) - len(end)) + end


async def ensure_refused(client: RawClient) -> None:
    answer = await client.answer()
    problem = orjson.loads(answer.body)
    assert (answer.status, answer.headers["content-type"]) == (431, CONTENT_TYPE)
    assert (problem["code"], problem["status"]) == ("headers_too_large", 431)
    assert answer.headers["connection"] == "close"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert await client.rest() == b""
    await client.close()


@pytest.mark.parametrize("in_url", [False, True])
@pytest.mark.parametrize("piece", [1024, 50_000, 10**6])
async def test_a_head_of_just_the_limit_is_read_and_a_byte_more_is_refused(
    port: int, in_url: bool, piece: int
) -> None:
    for size, is_read in ((MOST_HEAD, True), (MOST_HEAD + 1, False), (2 * MOST_HEAD, False)):
        client, head = await RawClient.connect(port), head_of(size, in_url=in_url)
        for begin in range(0, size, piece):
            client.send(head[begin : begin + piece])
            await client.drain()
        if is_read:
            assert (await client.answer()).status == 200
            await client.close()
        else:
            await ensure_refused(client)


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"GET /", b"a" * 70_000),
        (b"GET / HTTP/1.1\r\nHost: test\r\nX-Long: ", b"a" * 70_000),
        (b"GET / HTTP/1.1\r\nHost: test\r\n", MANY),
    ],
    ids=["url", "header", "many headers"],
)
async def test_a_head_without_end_is_refused_as_soon_as_it_is_too_long(
    port: int, begin: bytes, more: bytes
) -> None:
    client = await RawClient.connect(port)
    client.send(begin + more)
    await ensure_refused(client)


async def test_what_is_behind_a_head_does_not_count(port: int) -> None:
    """Requests in a row, and a body, come in the same piece as the head."""
    client = await RawClient.connect(port)
    ask = b"GET /health/live HTTP/1.1\r\nHost: test" + END
    body = b"x" * 200_000
    login = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    client.send(ask * 3000 + head_of(60_000) + login + body + ask[:-2])
    for _ in range(3001):
        assert (await client.answer()).status == 200
    assert (await client.answer()).status == 415
    client.send(b"\r\n")
    assert (await client.answer()).status == 200
    await client.close()


GARBAGE = b"GET / HTTP/1.1\r\nHo\0st: x" + END


async def test_a_malformed_end_of_a_long_head_is_refused_once(port: int) -> None:
    client, head = await RawClient.connect(port), head_of(60_000)
    client.send(head[:-4])
    await asyncio.sleep(0.05)  # Two pieces: the first is no head yet.
    client.send(b"\0" * 20_000)
    assert (await client.answer()).status in (400, 431)
    assert await client.rest() == b""
    await client.close()


@pytest.mark.parametrize("bad", [GARBAGE, head_of(MOST_HEAD + 1)], ids=["garbage", "long"])
async def test_requests_in_a_row_before_a_bad_one_leave_no_error(
    committed_world: World, port: int, caplog: pytest.LogCaptureFixture, bad: bytes
) -> None:
    client, bearer = await RawClient.connect(port), await committed_world.member()
    ask = b"GET /api/v1/posts HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer %s"
    client.send((ask % bearer.access.encode() + END) * 3 + bad)
    assert (await client.answer()).status in (400, 431)
    assert await client.rest() == b""
    await client.close()
    await asyncio.sleep(0.1)
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


async def test_a_request_at_work_is_given_up_with_its_connection(
    committed_world: World, port: int
) -> None:
    client, bearer = await RawClient.connect(port), await committed_world.member()
    ask = b"GET /api/v1/posts HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer %s"
    client.send(ask % bearer.access.encode() + END + head_of(MOST_HEAD + 1))
    await ensure_refused(client)
    other = await RawClient.connect(port)
    assert (await other.ask("GET", "/health/live")).status == 200
    await other.close()


async def test_a_long_head_behind_another_request_is_refused_too(port: int) -> None:
    client = await RawClient.connect(port)
    assert (await client.ask("GET", "/health/live")).status == 200
    client.send(head_of(MOST_HEAD + 1))
    await ensure_refused(client)
