"""Clients that read or send slowly, over real sockets: the server frees what they occupy."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest
from structlog.testing import capture_logs

from app.core.admission import Admission, Admissions, Bounds
from app.web import http_protocol, uploads
from app.web import spooled_response as spool
from tests.support.api import Api, expect
from tests.support.sql import sql
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World, picture

MAX_SECONDS = 30
"""A test gives up after this time."""

ONE_SLOT = Bounds(slots=1, slots_each=1, line=1, most_each=1, patience=MAX_SECONDS, retry_after=5)
BOUNDARY = "=boundary="
SHORT = 0.2


type Dial = Callable[[], "SlowClient"]


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


@pytest.fixture
def dial(port: int) -> Iterator[Dial]:
    """Connects clients, and closes them at the end."""
    clients: list[SlowClient] = []

    def connect() -> SlowClient:
        clients.append(SlowClient(port))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


def is_free(admission: Admission) -> bool:
    return not admission._working and not admission._lines


class SlowClient:
    """A client that sends a request and then reads nothing, with the smallest possible window."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect(("127.0.0.1", port))

    def send(self, *parts: bytes) -> "SlowClient":
        for part in parts:
            self._socket.sendall(part)
        return self

    async def read_all(self) -> bytes:
        """Everything that the server sent before it gave up."""

        def read() -> bytes:
            self._socket.settimeout(MAX_SECONDS)
            data = b""
            with suppress(ConnectionResetError):
                while more := self._socket.recv(65536):
                    data += more
            return data

        return await asyncio.to_thread(read)

    def close(self) -> None:
        self._socket.close()


def head(api: Api, method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} /api/v1{path} HTTP/1.1", "Host: test", *headers]
    return "\r\n".join([*lines, f"Authorization: Bearer {api.access}", "", ""]).encode()


def upload_head(api: Api, length: int) -> bytes:
    kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
    return head(api, "POST", "/images", kind, f"Content-Length: {length}")


def form(data: bytes) -> bytes:
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="p"\r\n\r\n'
    return part.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


async def member_with_large_export(world: World) -> Api:
    """A member whose export, about 12 MB, is larger than the sockets' buffers."""
    member, lounge = await world.member(), await world.lounge()
    bodies = ["あ" * 10_000] * 2
    for body in bodies:
        await world.post(member, lounge, body=body)
    await sql(
        world,
        "INSERT INTO posts (lounge_id, author_id, title, body)"
        " SELECT lounge_id, author_id, title, body FROM posts, generate_series(1, 200)",
    )
    return member


def export(dial: Dial, api: Api) -> SlowClient:
    return dial().send(head(api, "GET", "/users/me/export"))


async def test_a_stalled_reader_holds_no_connection_and_loses_its_slot(
    world: World, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "STALLED_SECONDS", SHORT)
    member = await member_with_large_export(world)
    admission, pool = world.runtime.admissions.exports, world.runtime.pools.transactions
    reader = export(dial, member)
    await until(lambda: bool(admission._working))
    await until(lambda: pool.used == 0)
    await until(lambda: is_free(admission))
    received = await reader.read_all()
    length = int(received.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = received.partition(b"\r\n\r\n")[2]
    assert 0 < len(body) < length
    reader.close()
    complete = await member.get("/users/me/export")
    assert len(complete.content) == int(complete.headers["content-length"])
    assert len(expect(complete, 200)["posts"]) > 400


async def test_a_slow_reader_is_cut_off(
    world: World, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "GRACE_SECONDS", SHORT)
    monkeypatch.setattr(spool, "SLOWEST_BYTES_A_SECOND", 1e9)
    member = await member_with_large_export(world)
    reader = export(dial, member)
    await until(lambda: bool(world.runtime.admissions.exports._working))
    await until(lambda: is_free(world.runtime.admissions.exports))
    received = await reader.read_all()
    length = int(received.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert len(received) < length


async def test_a_reader_is_cut_off_at_the_time_limit_however_large_the_export(
    world: World, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither the lowest rate (one byte a second) nor the limit on stalls ends the download.
    monkeypatch.setattr(http_protocol, "STALLED_SECONDS", 10 * MAX_SECONDS)
    monkeypatch.setattr(spool, "SLOWEST_BYTES_A_SECOND", 1)
    monkeypatch.setattr(spool, "LONGEST_SECONDS", SHORT)
    reader = export(dial, await member_with_large_export(world))
    await until(lambda: bool(world.runtime.admissions.exports._working))
    await until(lambda: is_free(world.runtime.admissions.exports))
    received = await reader.read_all()
    length = int(received.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert len(received) < length


async def test_exports_are_limited_per_user_and_in_total(world: World, dial: Dial) -> None:
    world.runtime.admissions = Admissions(exports=Admission("export", ONE_SLOT))
    member, other = await member_with_large_export(world), await world.member()
    third = await world.member()
    reader = export(dial, member)
    await until(lambda: bool(world.runtime.admissions.exports._working))
    again = await member.get("/users/me/export")
    expect(again, 503, "overloaded")
    assert again.headers["retry-after"] == "5"
    waiting = asyncio.create_task(other.get("/users/me/export"))
    await until(lambda: bool(world.runtime.admissions.exports._lines))
    expect(await third.get("/users/me/export"), 503, "overloaded")
    reader.close()
    expect(await waiting, 200)
    await until(lambda: is_free(world.runtime.admissions.exports))
    expect(await member.get("/users/me/export"), 200)


async def test_an_export_that_is_too_large_for_its_spool_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MAX_BYTES", 1024 * 1024)
    member = await member_with_large_export(world)
    refused = await member.get("/users/me/export")
    expect(refused, 503, "service_unavailable")
    assert refused.headers["retry-after"] == "5"
    assert is_free(world.runtime.admissions.exports)


async def test_an_export_that_takes_too_long_to_write_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await member_with_large_export(world)
    monkeypatch.setattr(spool, "WRITE_SECONDS", 0)
    expect(await member.get("/users/me/export"), 503, "service_unavailable")
    assert is_free(world.runtime.admissions.exports)


async def test_a_picture_that_is_not_read_does_not_stay_in_memory(
    world: World, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "STALLED_SECONDS", SHORT)
    key = "images/large/full.webp"
    await world.runtime.storage.put(key, b"x" * 20_000_000, "image/webp")
    request = f"GET /media/{key} HTTP/1.1\r\nHost: test\r\n\r\n".encode()
    with capture_logs() as logged:
        reader = dial().send(request)
        await until(lambda: any(line["event"] == "reader_stalled" for line in logged))
    received = await reader.read_all()
    assert 0 < len(received) < 20_000_000


async def test_a_stalled_or_slow_upload_frees_its_slot(
    world: World, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SILENT_SECONDS", SHORT)
    monkeypatch.setattr(uploads, "GRACE_SECONDS", 2 * SHORT)
    monkeypatch.setattr(uploads, "SLOWEST_BYTES_A_SECOND", 1e6)
    member = await world.member()
    body = form(picture())
    stalled = dial().send(upload_head(member, len(body)), body[:-20])
    answer = await stalled.read_all()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"request_timeout"' in answer
    assert b"connection: close" in answer.lower()
    trickling = dial().send(upload_head(member, 10_000), form(b"x" * 100)[:100])
    sending = asyncio.create_task(trickle(trickling))
    assert (await trickling.read_all()).startswith(b"HTTP/1.1 408 ")
    sending.cancel()
    disconnected = dial().send(upload_head(member, len(body)), body[:-20])
    disconnected.close()
    await until(lambda: is_free(world.runtime.admissions.uploads))
    expect(await member.upload(picture()), 201)


async def test_a_steady_upload_is_cut_off_at_the_time_limit(
    world: World, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SLOWEST_BYTES_A_SECOND", 1)
    monkeypatch.setattr(uploads, "LONGEST_SECONDS", 2 * SHORT)
    member = await world.member()
    steady = dial().send(upload_head(member, 1_000_000), form(b"x" * 100)[:100])
    sending = asyncio.create_task(trickle(steady))
    assert (await steady.read_all()).startswith(b"HTTP/1.1 408 ")
    sending.cancel()
    await until(lambda: is_free(world.runtime.admissions.uploads))


async def trickle(client: SlowClient) -> None:
    with suppress(OSError):  # The server has closed the connection.
        while True:
            client.send(b"-")
            await asyncio.sleep(SHORT / 10)


async def upload(port: int, api: Api, data: bytes) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as http:
        headers = {"Authorization": f"Bearer {api.access}"}
        return await http.post("/images", headers=headers, files={"file": ("p", data)})


async def test_ten_concurrent_uploads_are_all_accepted_two_at_a_time(
    world: World, port: int
) -> None:
    member, at_work = await world.member(), [0]
    admission = world.runtime.admissions.uploads
    watching = asyncio.create_task(watch(admission, at_work))
    answers = await asyncio.gather(*(upload(port, member, picture()) for _ in range(10)))
    watching.cancel()
    assert [answer.status_code for answer in answers] == [201] * 10
    assert max(at_work) == 2
    assert is_free(admission)


async def watch(admission: Admission, seen: list[int]) -> None:
    while True:
        seen.append(admission._working.total())
        await asyncio.sleep(0)


@pytest.mark.parametrize("size", [100, 8_000_000])
async def test_a_refused_upload_is_answered_without_its_whole_body(
    world: World, port: int, dial: Dial, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    # The one that holds the slot is silent for as long as the others take.
    for name in ("SILENT_SECONDS", "GRACE_SECONDS"):
        monkeypatch.setattr(uploads, name, HANG_SECONDS)
    member = await world.member()
    world.runtime.admissions = Admissions(uploads=Admission("upload", ONE_SLOT))
    body = form(picture())
    holding = dial().send(upload_head(member, len(body)), body[:-20])
    await until(lambda: bool(world.runtime.admissions.uploads._working))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as http:
        headers = {"Authorization": f"Bearer {member.access}"}
        for _ in range(2):  # The unread body is drained, so the connection can be used again.
            files = {"file": ("p", b"x" * size)}
            refused = await http.post("/images", headers=headers, files=files)
            expect(refused, 503, "overloaded")
            assert refused.headers["retry-after"] == "5"
            assert (await http.get("/users/me", headers=headers)).status_code == 200
    holding.send(body[-20:])
    assert (await first_line(holding)).startswith(b"HTTP/1.1 201 ")


async def first_line(client: SlowClient) -> bytes:
    return await asyncio.to_thread(client._socket.recv, 100)


async def test_an_unauthorized_upload_is_refused_before_its_body_is_sent(
    world: World, dial: Dial
) -> None:
    guest, anonymous = await world.guest(), world.anonymous()
    for api, status in ((guest, b"403"), (anonymous, b"401")):
        client = dial().send(upload_head(api, 1_000_000))
        assert (await first_line(client)).startswith(b"HTTP/1.1 " + status)
