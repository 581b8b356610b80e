"""When Valkey is away, slow or broken, calls still pass, and each process counts alone."""

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from secrets import token_bytes

import pytest

from app.integrations import valkey as module
from app.integrations.valkey import ValkeyFailure
from tests.support.full_server import full_server
from tests.support.shared_limits import MANY, MINUTE, Process, let_valkey_be_slow, process
from tests.support.valkey import ValkeyServer, address_of
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


class FakeValkey:
    """A TCP server that answers each call with `answer`, or not at all."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.hangs_up = False
        self.seconds = 0.0
        """How long each answer takes."""
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"valkey://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def served(self) -> AsyncIterator["FakeValkey"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            server.close_clients()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if self.hangs_up:
                    writer.transport.abort()
                for _ in range(data.count(b"EVAL") if self.answer is not None else 0):
                    await asyncio.sleep(self.seconds)
                    if writer.is_closing():  # The caller has gone.
                        return
                    writer.write(self.answer or b"")
        writer.close()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", ValkeyFailure.GARBAGE),
        (b"+OK\r\n", ValkeyFailure.GARBAGE),
        (b"*2\r\n:1\r\n:1\r\n", ValkeyFailure.GARBAGE),
        (b"*4\r\n:1\r\n:-5\r\n:0\r\n:1\r\n", ValkeyFailure.GARBAGE),
        (b"$999999\r\n" + b"x" * 200_000, ValkeyFailure.SILENT),
        (b"$99\r\nx", ValkeyFailure.SILENT),
        (b"-LOADING Valkey is loading the dataset in memory\r\n", ValkeyFailure.REFUSED),
        (b"-NOSCRIPT\r\n", ValkeyFailure.REFUSED),
        (None, ValkeyFailure.SILENT),
    ],
)
async def test_whatever_answers_in_its_place_lets_calls_pass(
    answer: bytes | None, failure: ValkeyFailure, monkeypatch: pytest.MonkeyPatch
) -> None:
    if failure is not ValkeyFailure.SILENT:
        let_valkey_be_slow(monkeypatch)
    async with (
        FakeValkey(answer).served() as fake,
        process(address_of(fake.url), token_bytes()) as made,
    ):
        assert await made.allowed(9) == MINUTE.calls  # Counted here, so still limited.
        assert made.seen.failures == [failure]
        assert made.seen.alone == 9


@pytest.mark.usefixtures("slow_valkey")
async def test_an_answer_that_nobody_asked_for_is_never_taken_for_a_later_one() -> None:
    allowed, refused = b"*4\r\n:1\r\n:0\r\n:0\r\n:1\r\n", b"*4\r\n:0\r\n:0\r\n:0\r\n:9\r\n"
    fake = FakeValkey(allowed + refused)
    async with fake.served(), process(address_of(fake.url), token_bytes()) as made:
        assert await made.allowed(9) == 9
        assert made.seen.alone == 0


@pytest.mark.usefixtures("slow_valkey")
async def test_a_server_that_hangs_up_or_is_not_there_lets_calls_pass() -> None:
    fake = FakeValkey(None)
    fake.hangs_up = True
    async with fake.served(), process(address_of(fake.url), token_bytes()) as made:
        assert await made.allowed(9) == MINUTE.calls
        assert made.seen.failures == [ValkeyFailure.LOST]
    async with process(address_of(fake.url), token_bytes()) as made:
        assert await made.allowed(9) == MINUTE.calls
        assert made.seen.failures == [ValkeyFailure.UNREACHABLE]


async def test_a_name_without_a_server_lets_calls_pass() -> None:
    async with process(address_of("valkey://nowhere.invalid"), token_bytes()) as made:
        assert await made.allowed(9) == MINUTE.calls


async def test_a_server_that_takes_no_connection_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.05)
    with full_server() as port:
        async with process(address_of(f"valkey://127.0.0.1:{port}"), token_bytes()) as made:
            assert await made.allowed(9) == MINUTE.calls
            assert made.seen.failures == [ValkeyFailure.UNREACHABLE]


async def test_a_slow_server_is_given_up_when_calls_queue_up() -> None:
    fake = FakeValkey(b"*4\r\n:1\r\n:0\r\n:0\r\n:1\r\n")
    async with fake.served(), process(address_of(fake.url), token_bytes()) as made:
        assert await made.allowed(9) == 9  # Whatever it counts, it is asked.
        fake.seconds = 0.05
        calls = 200  # Ten seconds, if all waited for their turn.
        assert sum(await asyncio.gather(*[made.allowed(1, MANY) for _ in range(calls)])) == calls
        assert made.seen.failures == [ValkeyFailure.SILENT]
        assert made.seen.alone > calls / 2


async def test_while_it_is_away_it_is_asked_once_a_pause_and_no_call_waits() -> None:
    async with (
        FakeValkey(None).served() as fake,
        process(address_of(fake.url), token_bytes()) as made,
    ):
        for pause in range(1, 4):
            for _ in range(200):
                with pytest.raises(StopIteration):  # It ends without waiting for anything.
                    made.store.hit([("a", MANY)]).send(None)
            assert fake.connections == 2 * pause  # Each attempt connects, and then counts.
            made.pauses.end_one()
            await made.until_failures(pause + 1)


@pytest.mark.usefixtures("slow_valkey")
async def test_a_killed_server_fails_no_call_and_counts_again_when_it_is_back(
    own_valkey: ValkeyServer, broken: Process
) -> None:
    calls = [asyncio.create_task(broken.allowed(200, MANY)) for _ in range(20)]
    await until(lambda: own_valkey.times_called("evalsha") > 50)
    own_valkey.kill()
    assert await asyncio.gather(*calls) == [200] * 20
    assert broken.seen.failures == [ValkeyFailure.LOST]
    assert broken.seen.alone > 0
    own_valkey.start()
    await broken.come_back()
    alone = broken.seen.alone
    assert await broken.allowed(9) == MINUTE.calls
    assert broken.seen.alone == alone


async def test_a_halted_server_delays_the_calls_of_one_moment_and_no_later_one(
    own_valkey: ValkeyServer, broken: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_valkey.signal(signal.SIGSTOP)
    try:
        assert sum(await asyncio.gather(*[broken.allowed() for _ in range(50)])) == MINUTE.calls
        assert broken.seen.failures == [ValkeyFailure.SILENT]
        with pytest.raises(StopIteration):
            broken.store.hit([("a", MINUTE)]).send(None)
        # It takes connections while it is halted, but is not used before it answers.
        broken.pauses.end_one()
        await broken.until_failures(2)
        assert broken.seen.failures == [ValkeyFailure.SILENT, ValkeyFailure.SILENT]
    finally:
        own_valkey.signal(signal.SIGCONT)
    let_valkey_be_slow(monkeypatch)
    await broken.come_back()


@pytest.mark.usefixtures("slow_valkey")
@pytest.mark.parametrize(
    ("harm", "repair"),
    [
        (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
        (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    ],
    ids=["out of memory", "read-only"],
)
async def test_a_server_that_takes_no_writes_is_away_until_it_does(
    own_valkey: ValkeyServer, broken: Process, harm: tuple[str, ...], repair: tuple[str, ...]
) -> None:
    own_valkey.ask(*harm)
    assert await broken.allowed(9) == MINUTE.calls
    broken.pauses.end_one()
    await broken.until_failures(2)
    assert broken.seen.failures == [ValkeyFailure.REFUSED, ValkeyFailure.REFUSED]
    own_valkey.ask(*repair)
    await broken.come_back()


async def test_authorities_that_can_not_be_read_are_no_end_of_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ssl, "create_default_context", lambda: Path("/nowhere").read_bytes())
    async with process(address_of("valkeys://127.0.0.1"), token_bytes()) as made:
        assert await made.allowed(9) == MINUTE.calls
        assert made.seen.failures == [ValkeyFailure.UNREACHABLE]


async def test_failures_leave_no_open_file_behind() -> None:
    async with (
        FakeValkey(b"+OK\r\n").served() as fake,
        process(address_of(fake.url), token_bytes()) as made,
    ):
        files = len(os.listdir("/proc/self/fd"))
        for failure in range(2, 50):
            made.pauses.end_one()
            await made.until_failures(failure)
        # Those of the last one, on both sides, may still be closing.
        await until(lambda: len(os.listdir("/proc/self/fd")) <= files)


@pytest.mark.usefixtures("slow_valkey")
async def test_an_outage_is_logged_once_and_so_is_its_end(
    own_valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with process(own_valkey.address, token_bytes()) as made:
        own_valkey.kill()
        await made.allowed()
        for attempt in range(1, 4):
            await made.until_failures(attempt)
            made.pauses.end_one()
        await made.until_failures(4)
        own_valkey.start()
        await made.come_back()
    log = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [(line["event"], line.get("failure")) for line in log] == [
        ("shared_limits_away", ValkeyFailure.LOST),
        ("shared_limits_back", None),
    ]
