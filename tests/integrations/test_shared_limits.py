"""Rate limits in Valkey: shared by processes, one round trip, and never in the way of a request."""

import asyncio
import os
import signal
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from secrets import token_bytes

import pytest
import uvloop

from app.core.rate_store import Count, Quota
from app.core.valkey_url import ValkeyAddress
from app.integrations.valkey import (
    Endpoint,
    Failure,
    SharedRateStore,
    ValkeyAway,
    ValkeyCounting,
    connection,
    open_connection,
)
from tests.support.full_server import full_server
from tests.support.tls import Authority
from tests.support.valkey import (
    PASSWORD,
    FakeValkey,
    ValkeyServer,
    address_of,
    tls_before_valkey,
    valkey_server,
)
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

MINUTE = Quota(5, 60)
MANY = Quota(1_000_000, 60)


class Seen:
    """What the store reports."""

    def __init__(self) -> None:
        self.is_shared = False
        self.failures: list[str] = []
        self.alone = 0

    def connected(self) -> None:
        self.is_shared = True

    def away(self, failure: str) -> None:
        self.is_shared = False
        self.failures.append(failure)

    def counted_alone(self) -> None:
        self.alone += 1


class Pauses:
    """The pauses between two attempts to connect, which the test ends."""

    def __init__(self) -> None:
        self._ends = asyncio.Semaphore(0)

    async def sleep(self, _: float) -> None:
        await self._ends.acquire()

    def end_one(self) -> None:
        self._ends.release()


class Process:
    """A process that counts, as far as the store knows of it."""

    def __init__(self, store: SharedRateStore, seen: Seen, pauses: Pauses) -> None:
        self.store = store
        self.seen = seen
        self.pauses = pauses

    async def allowed(self, times: int = 1, quota: Quota = MINUTE, key: str = "a") -> int:
        """How many calls are allowed, of `times` one after another."""
        return sum([(await self.store.hit([(key, quota)]))[0].allowed for _ in range(times)])

    async def until_failures(self, count: int) -> None:
        await until(lambda: len(self.seen.failures) == count)

    async def come_back(self) -> None:
        """End the pause, and wait for the connection."""
        self.pauses.end_one()
        await until(lambda: self.seen.is_shared)


@asynccontextmanager
async def process(address: ValkeyAddress, secret: bytes) -> AsyncIterator[Process]:
    seen, pauses = Seen(), Pauses()
    store = SharedRateStore(address, secret, seen, sleep=pauses.sleep)
    await store.open()
    try:
        yield Process(store, seen, pauses)
    finally:
        await store.close()


@pytest.fixture
async def one(valkey: ValkeyServer) -> AsyncIterator[Process]:
    """A process on the server that all tests share."""
    async with process(valkey.address, token_bytes()) as made:
        yield made


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A server that the test may break."""
    with valkey_server() as server:
        yield server


@pytest.fixture
async def broken(own_valkey: ValkeyServer) -> AsyncIterator[Process]:
    """A process on such a server."""
    async with process(own_valkey.address, token_bytes()) as made:
        yield made


# Counting


async def test_processes_share_their_counts(valkey: ValkeyServer) -> None:
    secret = token_bytes()
    async with process(valkey.address, secret) as first, process(valkey.address, secret) as second:
        assert [await first.allowed(2), await second.allowed(2)] == [2, 2]
        assert [await first.allowed(2), await second.allowed(2)] == [1, 0]
        assert first.seen.alone == second.seen.alone == 0


async def test_calls_at_the_same_time_never_exceed_the_limit(valkey: ValkeyServer) -> None:
    secret = token_bytes()
    async with process(valkey.address, secret) as first, process(valkey.address, secret) as second:
        counts = await asyncio.gather(*[each.allowed(20) for each in (first, second) * 5])
        assert sum(counts) == MINUTE.calls


async def test_all_counters_of_a_call_take_one_round_trip(
    own_valkey: ValkeyServer, broken: Process
) -> None:
    counters = [("a", MINUTE), ("a", Quota(8, 3600)), ("b", MANY)]
    scripts = own_valkey.times_called("evalsha")
    before = own_valkey.ask("INFO", "stats")["total_commands_processed"]
    for _ in range(10):
        await broken.store.hit(counters)
    after = own_valkey.ask("INFO", "stats")["total_commands_processed"]
    assert own_valkey.times_called("evalsha") - scripts == 10
    # The rest: TIME, MGET and SET inside the script, and what this test asks.
    assert after - before <= 10 * (1 + 2 + len(counters)) + 6


async def test_a_script_that_valkey_forgot_is_sent_again(
    valkey: ValkeyServer, one: Process
) -> None:
    assert await one.allowed(2) == 2
    valkey.ask("SCRIPT", "FLUSH")
    assert await one.allowed(9) == 3
    assert one.seen.alone == 0


async def test_a_value_that_is_not_ours_counts_as_none(valkey: ValkeyServer, one: Process) -> None:
    valkey.ask("FLUSHDB")
    await one.allowed()
    (key,) = valkey.ask("KEYS", "linky:limits:*")
    for command in ("SET", "RPUSH"):
        valkey.ask("DEL", key)
        valkey.ask(command, key, "?")
        assert await one.store.hit([("a", MINUTE)]) == [Count(True, 4, 60)]


async def test_keys_tell_nothing_about_callers_are_small_and_expire(
    own_valkey: ValkeyServer, broken: Process
) -> None:
    names = [f"login:address:203.0.113.{number}" for number in range(50)]
    for name in names:
        await broken.store.hit([(name, MINUTE), (name, Quota(9, 3600))])
    keys = own_valkey.ask("KEYS", "linky:limits:*")
    assert len(keys) >= 2 * len(names)
    for key in keys:
        assert b"203.0" not in key
        assert (own_valkey.ask("MEMORY", "USAGE", key) or 0) <= 128
        assert own_valkey.ask("PTTL", key) <= 2 * 3600 * 1000
        assert own_valkey.ask("PTTL", key) != -1  # It expires.
    async with process(own_valkey.address, token_bytes()) as stranger:
        # With another secret the same callers have other keys.
        assert await stranger.store.hit([(names[0], MINUTE)]) == [Count(True, 4, 60)]


async def test_a_cancelled_call_does_not_shift_the_answers(one: Process) -> None:
    for number in range(20):
        lost = asyncio.create_task(one.allowed(1, MANY, f"lost {number}"))
        await asyncio.sleep(0)
        lost.cancel()
        (count,) = await one.store.hit([(f"kept {number}", MINUTE)])
        assert count == Count(True, 4, 60)
    assert one.seen.failures == []


async def test_a_process_that_stood_still_still_reads_the_answer(one: Process) -> None:
    call = asyncio.create_task(one.allowed())
    await asyncio.sleep(0)
    time.sleep(0.5)  # Longer than Valkey may be silent.
    assert await call == 1
    assert (one.seen.failures, one.seen.alone) == ([], 0)


def test_it_works_on_uvloop(valkey: ValkeyServer) -> None:
    async def run() -> int:
        async with process(valkey.address, token_bytes()) as made:
            allowed = await made.allowed(9)
            assert made.seen.alone == 0
            return allowed

    assert uvloop.run(run()) == MINUTE.calls


# Signing in


async def test_the_password_and_the_database_of_the_url_are_used(valkey: ValkeyServer) -> None:
    async with process(address_of(f"{valkey.url}/3"), token_bytes()) as made:
        await made.allowed()
        assert made.seen.alone == 0
    assert "db3" in valkey.ask("INFO", "keyspace")
    valkey.ask("ACL", "SETUSER", "linky", "on", ">p@ss", "~linky:*", "-@all",
               "+evalsha", "+eval", "+mget", "+set", "+time")  # fmt: skip
    url = f"valkey://linky:p%40ss@127.0.0.1:{valkey.port}"
    async with process(address_of(url), token_bytes()) as made:
        assert await made.allowed(9) == 5
        assert made.seen.alone == 0


@pytest.mark.parametrize(
    ("user", "code"), [(":wrong-password@", "WRONGPASS"), ("", "NOAUTH"), ("x:y@", "WRONGPASS")]
)
async def test_a_wrong_password_is_named_and_never_shown(
    valkey: ValkeyServer, user: str, code: str
) -> None:
    url = f"valkey://{user}127.0.0.1:{valkey.port}"
    with pytest.raises(ValkeyAway) as refused:
        await open_connection(Endpoint(address_of(url)), ValkeyCounting(token_bytes()))
    assert str(refused.value) == f"refused: {code}"
    assert "wrong-password" not in repr(address_of(url))


async def test_tls_verifies_the_server(
    valkey: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with AsyncExitStack() as stack:
        right = await stack.enter_async_context(
            tls_before_valkey(valkey, authority.server_context())
        )
        wrong = await stack.enter_async_context(
            tls_before_valkey(valkey, authority.server_context(name="else.example"))
        )
        url = f"valkeys://:{PASSWORD}@127.0.0.1"
        made = await stack.enter_async_context(process(address_of(f"{url}:{right}"), token_bytes()))
        assert await made.allowed(9) == 5
        assert made.seen.alone == 0
        with pytest.raises(ValkeyAway, match="IP address mismatch"):
            await open_connection(
                Endpoint(address_of(f"{url}:{wrong}")), ValkeyCounting(token_bytes())
            )


# Faults


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Failure.GARBAGE),
        (b"+OK\r\n", Failure.GARBAGE),
        (b"*2\r\n:1\r\n:1\r\n", Failure.GARBAGE),
        (b"*4\r\n:1\r\n:-5\r\n:0\r\n:1\r\n", Failure.GARBAGE),
        (b"*4\r\n:1\r\n:0\r\n:0\r\n:1\r\n" * 2, Failure.GARBAGE),
        (b"$999999\r\n" + b"x" * 200_000, Failure.GARBAGE),
        (b"$99\r\nx", Failure.SILENT),
        (b"-LOADING Valkey is loading the dataset in memory\r\n", Failure.REFUSED),
        (b"-NOSCRIPT\r\n", Failure.REFUSED),
        (None, Failure.SILENT),
    ],
)
async def test_whatever_answers_in_its_place_lets_calls_pass(
    answer: bytes | None, failure: Failure
) -> None:
    async with (
        FakeValkey(answer).served() as fake,
        process(address_of(fake.url), token_bytes()) as made,
    ):
        assert await made.allowed(9) == MINUTE.calls  # Counted here, so still limited.
        assert made.seen.failures == [failure]
        assert (made.seen.alone, fake.connections) == (9, 1)


async def test_a_server_that_hangs_up_or_is_not_there_lets_calls_pass() -> None:
    fake = FakeValkey(None)
    fake.hangs_up = True
    async with fake.served(), process(address_of(fake.url), token_bytes()) as made:
        assert await made.allowed(9) == MINUTE.calls
        assert made.seen.failures == [Failure.LOST]
    async with process(address_of(fake.url), token_bytes()) as made:
        assert await made.allowed(9) == MINUTE.calls
        assert made.seen.failures == [Failure.UNREACHABLE]
    async with process(address_of("valkey://nowhere.invalid"), token_bytes()) as made:
        assert await made.allowed(9) == MINUTE.calls


async def test_a_server_that_takes_no_connection_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.05)
    with full_server() as port:
        async with process(address_of(f"valkey://127.0.0.1:{port}"), token_bytes()) as made:
            assert await made.allowed(9) == MINUTE.calls
            assert made.seen.failures == [Failure.UNREACHABLE]


async def test_a_slow_server_is_given_up_when_calls_queue_up() -> None:
    fake = FakeValkey(b"*4\r\n:1\r\n:0\r\n:0\r\n:1\r\n")
    async with fake.served(), process(address_of(fake.url), token_bytes()) as made:
        assert await made.allowed(9) == 9  # Whatever it counts, it is asked.
        fake.seconds = 0.05
        calls = 200  # Ten seconds, if all waited for their turn.
        assert sum(await asyncio.gather(*[made.allowed(1, MANY) for _ in range(calls)])) == calls
        assert made.seen.failures == [Failure.SILENT]
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
            assert fake.connections == pause
            made.pauses.end_one()
            await made.until_failures(pause + 1)


async def test_a_killed_server_fails_no_call_and_counts_again_when_it_is_back(
    own_valkey: ValkeyServer, broken: Process
) -> None:
    calls = [asyncio.create_task(broken.allowed(200, MANY)) for _ in range(20)]
    await until(lambda: own_valkey.times_called("evalsha") > 50)
    own_valkey.kill()
    assert await asyncio.gather(*calls) == [200] * 20
    assert broken.seen.failures == [Failure.LOST]
    assert broken.seen.alone > 0
    own_valkey.start()
    await broken.come_back()
    alone = broken.seen.alone
    assert await broken.allowed(9) == MINUTE.calls
    assert broken.seen.alone == alone


async def test_a_halted_server_delays_the_calls_of_one_moment_and_no_later_one(
    own_valkey: ValkeyServer, broken: Process
) -> None:
    own_valkey.signal(signal.SIGSTOP)
    try:
        assert sum(await asyncio.gather(*[broken.allowed() for _ in range(50)])) == MINUTE.calls
        assert broken.seen.failures == [Failure.SILENT]
        with pytest.raises(StopIteration):
            broken.store.hit([("a", MINUTE)]).send(None)
        # It takes connections while it is halted, but is not used before it answers.
        broken.pauses.end_one()
        await broken.until_failures(2)
        assert broken.seen.failures == [Failure.SILENT, Failure.SILENT]
    finally:
        own_valkey.signal(signal.SIGCONT)
    await broken.come_back()


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
    assert broken.seen.failures == [Failure.REFUSED, Failure.REFUSED]
    own_valkey.ask(*repair)
    await broken.come_back()


async def test_authorities_that_can_not_be_read_are_no_end_of_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ssl, "create_default_context", lambda: Path("/nowhere").read_bytes())
    async with process(address_of("valkeys://127.0.0.1"), token_bytes()) as made:
        assert await made.allowed(9) == MINUTE.calls
        assert made.seen.failures == [Failure.UNREACHABLE]


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


async def test_an_outage_is_logged_once_and_so_is_its_end(
    own_valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with process(own_valkey.address, token_bytes()) as made:
        own_valkey.kill()
        for attempt in range(1, 4):
            await made.until_failures(attempt)
            made.pauses.end_one()
        await made.until_failures(4)
        own_valkey.start()
        await made.come_back()
    log = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [(line["event"], line.get("failure")) for line in log] == [
        ("shared_limits_away", Failure.LOST),
        ("shared_limits_back", None),
    ]
