"""Rate limits in Valkey: processes share their counts in one round trip, and sign in safely."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
import uvloop
from valkey.asyncio import Connection

from app.core.rate_store import CallCount, Quota
from app.integrations import valkey as module
from app.integrations.valkey import ValkeyAway, ValkeyRateStore
from tests.support.proxy import Proxy
from tests.support.shared_limits import MANY, MINUTE, Process, process
from tests.support.tls import Authority
from tests.support.valkey import PASSWORD, ValkeyServer, address_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("slow_valkey")]


@pytest.fixture
async def one(valkey: ValkeyServer) -> AsyncIterator[Process]:
    """A process on the server that all tests share."""
    async with process(valkey.address, token_bytes()) as made:
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
        assert await one.store.hit([("a", MINUTE)]) == [CallCount(True, 4, 60)]


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
        assert await stranger.store.hit([(names[0], MINUTE)]) == [CallCount(True, 4, 60)]


async def test_a_cancelled_call_does_not_shift_the_answers(one: Process) -> None:
    for number in range(20):
        lost = asyncio.create_task(one.allowed(1, MANY, f"lost {number}"))
        await asyncio.sleep(0)
        lost.cancel()
        (count,) = await one.store.hit([(f"kept {number}", MINUTE)])
        assert count == CallCount(True, 4, 60)
    assert one.seen.failures == []


_read = Connection.read_response


async def _read_late(connection: Connection, **how: Any) -> Any:
    """Stand still between the call and its answer, for longer than Valkey may be silent."""
    time.sleep(0.3)
    return await _read(connection, **how)


async def test_a_process_that_stood_still_still_reads_the_answer(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with process(valkey.address, token_bytes()) as one:
        monkeypatch.setattr(module, "ANSWER_SECONDS", 0.1)
        monkeypatch.setattr(Connection, "read_response", _read_late)
        assert await one.allowed() == 1
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


@pytest.mark.parametrize("user", [":wrong-password@", "", "x:y@"])
async def test_a_wrong_password_is_named_and_never_shown(valkey: ValkeyServer, user: str) -> None:
    url = f"valkey://{user}127.0.0.1:{valkey.port}"
    store = ValkeyRateStore(address_of(url), token_bytes())
    with pytest.raises(ValkeyAway) as refused:
        await store.probe()
    await store.close()
    assert str(refused.value) == "refused: AuthenticationError"
    assert "wrong-password" not in repr(address_of(url))


async def test_tls_verifies_the_server(
    valkey: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with AsyncExitStack() as stack:
        right = stack.enter_context(Proxy(valkey.port, authority.server_context()))
        of_another = authority.server_context(name="else.example")
        wrong = stack.enter_context(Proxy(valkey.port, of_another))
        url = f"valkeys://:{PASSWORD}@127.0.0.1"
        made = await stack.enter_async_context(
            process(address_of(f"{url}:{right.port}"), token_bytes())
        )
        assert await made.allowed(9) == 5
        assert made.seen.alone == 0
        with pytest.raises(ValkeyAway, match="IP address mismatch"):
            await ValkeyRateStore(address_of(f"{url}:{wrong.port}"), token_bytes()).probe()
