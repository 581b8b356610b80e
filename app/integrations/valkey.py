"""The rate limits that all processes share: counted in Valkey, or here while it is away. ADR 0060.

valkey-py keeps the connections. One script counts all counters of a call in one round trip, or
none of them.

Only what uses this module loads it.
"""

import asyncio
import hashlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Any, Protocol

import structlog
from valkey.asyncio import BlockingConnectionPool, Connection, SSLConnection, Valkey
from valkey.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    InvalidResponse,
    NoScriptError,
    ResponseError,
    ValkeyError,
)

from app.core.rate_store import CallCount, MemoryRateStore, Quota, count_of
from app.core.settings.valkey_url import ValkeyAddress

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 0.2
"""How long one call waits, for a free connection and for its answer."""

RETRY_SECONDS = 1.0
"""The pause between two attempts to reach a Valkey that is away."""

MAX_CONNECTIONS = 16


class ValkeyFailure(StrEnum):
    """How Valkey failed. The values are labels in the metrics."""

    UNREACHABLE = "unreachable"
    LOST = "lost"
    SILENT = "silent"
    REFUSED = "refused"
    """It answered with an error: a wrong password, no memory left, a replica without writes."""
    GARBAGE = "garbage"


class ValkeyAway(Exception):
    """Valkey can't be used. The text is for operators, and never quotes the URL."""

    def __init__(self, failure: ValkeyFailure, detail: str = "") -> None:
        super().__init__(f"{failure}: {detail}" if detail else failure.value)
        self.failure = failure
        self.detail = detail


class Observer(Protocol):
    def connected(self) -> None: ...

    def away(self, failure: str) -> None:
        """An attempt to use Valkey failed."""

    def counted_alone(self) -> None: ...


PREFIX = "linky:limits:"
_KEY_BYTES = 15
_MICROSECOND = 1e-6
_PROBE = [("nobody", Quota(1_000_000, 1))]
"""Counted to see that Valkey can write. It is never used up: a refused call would write nothing."""

SCRIPT = """
-- The same windows as in app/core/rate_store.py. A value has when the window began (microseconds),
-- the calls of the window before, and its own. ARGV has the calls and the seconds of each quota.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('MGET', unpack(KEYS))
local windows, answer = {}, {1}
for i = 1, #KEYS do
  local most, length = tonumber(ARGV[2 * i - 1]), ARGV[2 * i] * 1000000
  local began, before, calls = now, 0, 0
  local kept_began, kept_before, kept_calls = string.match(kept[i] or '', '^(%d+) (%d+) (%d+)$')
  if kept_began then
    -- A negative age: the clock was set back, or another server took over. Then it starts again.
    local age = now - kept_began
    if 0 <= age and age < length then
      began, before, calls = tonumber(kept_began), tonumber(kept_before), tonumber(kept_calls)
    elseif length <= age and age < 2 * length then
      began, before = kept_began + length, tonumber(kept_calls)
    end
  end
  local share = (began + length - now) / length
  local carried = math.max(0, math.ceil(before * share - 1e-9) - 1)
  if most - carried - calls <= 0 then answer[1] = 0 end
  windows[i] = {began, before, calls, length}
end
for i, window in ipairs(windows) do
  local began, before, calls, length = unpack(window)
  if answer[1] == 1 then
    calls = calls + 1
    local left = math.ceil((began + 2 * length - now) / 1000)
    redis.call('SET', KEYS[i], string.format('%.0f %d %d', began, before, calls), 'PX', left)
  end
  answer[3 * i - 1], answer[3 * i], answer[3 * i + 1] = now - began, before, calls
end
return answer
"""

type Counters = Sequence[tuple[str, Quota]]


class ValkeyRateStore:
    """Counts in Valkey, or raises ValkeyAway.

    Valkey sees the callers as hashes only. Without the secret of the hash, one can't find out which
    address or account a key means, not even by trying all addresses.
    """

    def __init__(self, address: ValkeyAddress, secret: bytes, script: str = SCRIPT) -> None:
        # Any: valkey-py's methods that we call have no types.
        self._pool: Any = BlockingConnectionPool(
            MAX_CONNECTIONS,
            timeout=None,  # The limit for the whole call holds here, too.
            **_connection_options(address),
        )
        self.client: Any = Valkey(connection_pool=self._pool)
        self._secret = secret
        self._script = script
        # Valkey's name for a script that it has.
        self._name = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()

    async def hit(self, counters: Counters) -> list[CallCount]:
        """Counts a call on all counters, or on none if one is used up. Raises ValkeyAway."""
        keys = [self._key(key, quota) for key, quota in counters]
        numbers = [number for _, quota in counters for number in (quota.calls, quota.seconds)]
        with_keys = (len(keys), *keys, *numbers)
        async with _failures(), _answer_limit():
            try:
                answer = await self.client.execute_command("EVALSHA", self._name, *with_keys)
            except NoScriptError:
                answer = await self.client.execute_command("EVAL", self._script, *with_keys)
        return _counts(answer, counters)

    async def probe(self) -> None:
        """See that Valkey can be reached, and can count. Raises ValkeyAway."""
        connection = self._pool.make_connection()
        async with _failures(ValkeyFailure.UNREACHABLE), asyncio.timeout(2 * CONNECT_SECONDS):
            await connection.connect()
            await connection.disconnect()
        await self.hit(_PROBE)

    async def drop_connections(self) -> None:
        """Close the idle connections. One in use is closed by its call, which fails."""
        with suppress(ValkeyError, OSError):
            await self._pool.disconnect(inuse_connections=False)

    async def close(self) -> None:
        await self._pool.aclose()

    def _key(self, key: str, quota: Quota) -> str:
        text = f"{quota.seconds} {key}".encode()
        digest = hashlib.blake2b(text, key=self._secret, digest_size=_KEY_BYTES).digest()
        return PREFIX + urlsafe_b64encode(digest).decode()


def _connection_options(address: ValkeyAddress) -> dict[str, Any]:
    options: dict[str, Any] = {
        "connection_class": Connection,
        "host": address.host,
        "port": address.port,
        "db": address.database,
        "username": address.user,
        "password": address.password,
        "socket_timeout": None,
        "socket_connect_timeout": CONNECT_SECONDS,
        # An account for the limits has no right to CLIENT SETINFO.
        "lib_name": None,
        "lib_version": None,
    }
    if address.is_encrypted:
        options |= {"connection_class": SSLConnection, "ssl_check_hostname": True}
    return options


@asynccontextmanager
async def _answer_limit() -> AsyncIterator[None]:
    """Raises TimeoutError after ANSWER_SECONDS.

    The limit has two halves. A single timer would fire too early after this process itself stood
    still: before the answer, which has long arrived, is read.
    """
    loop, half = asyncio.get_running_loop(), ANSWER_SECONDS / 2
    async with asyncio.timeout(None) as limit:
        timer = loop.call_later(half, lambda: limit.reschedule(loop.time() + half))
        try:
            yield
        finally:
            timer.cancel()


@asynccontextmanager
async def _failures(lost: ValkeyFailure = ValkeyFailure.LOST) -> AsyncIterator[None]:
    """Turns what valkey-py raises into ValkeyAway."""
    try:
        yield
    except (ResponseError, AuthenticationError, BusyLoadingError) as error:
        # Valkey's text may quote what we sent. Its code is the first word, or the class.
        code = str(error).partition(" ")[0][:40]
        detail = code if type(error) is ResponseError else type(error).__name__
        raise ValkeyAway(ValkeyFailure.REFUSED, detail) from None
    except InvalidResponse:
        raise ValkeyAway(ValkeyFailure.GARBAGE) from None
    except TimeoutError:
        raise ValkeyAway(ValkeyFailure.SILENT) from None
    except (ValkeyError, OSError) as error:
        raise ValkeyAway(lost, str(error)) from None


def _counts(answer: Any, counters: Counters) -> list[CallCount]:
    """Raises ValkeyAway if the answer can't be the script's."""
    if not (
        isinstance(answer, list)
        and len(answer) == 1 + 3 * len(counters)
        and all(isinstance(number, int) and number >= 0 for number in answer)
    ):
        raise ValkeyAway(ValkeyFailure.GARBAGE)
    counted, *numbers = answer
    windows = zip(numbers[0::3], numbers[1::3], numbers[2::3], strict=True)
    return [
        # Times from now on: what matters is the age of the window.
        count_of((-age * _MICROSECOND, before, calls), quota, 0.0, counted=bool(counted))
        for (age, before, calls), (_, quota) in zip(windows, counters, strict=True)
    ]


class SharedRateStore:
    """Counts in Valkey, and in this process while Valkey is away.

    Only the calls of the moment in which it fails wait for it. Until a task in the background has
    reached it again, every call is counted here at once. So a caller has up to one limit for each
    process, not none at all.
    """

    def __init__(
        self,
        address: ValkeyAddress,
        secret: bytes,
        observer: Observer,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._shared = ValkeyRateStore(address, secret)
        self._alone = MemoryRateStore()
        self._observer = observer
        self._sleep = sleep
        self._keeping: asyncio.Task[None] | None = None
        self._away = asyncio.Event()
        self._away.set()
        self._is_known_away = False

    async def open(self) -> None:
        """Begin to connect, and wait for the first attempt, which may fail."""
        tried = asyncio.Event()
        self._keeping = asyncio.create_task(self._keep_connected(tried))
        await tried.wait()

    async def close(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        await self._shared.close()

    async def hit(self, counters: Counters) -> Sequence[CallCount]:
        if not self._away.is_set():
            try:
                return await self._shared.hit(counters)
            except ValkeyAway as why:
                # Of the calls that fail together, the first one reports it.
                if not self._away.is_set():
                    self._note_away(why)
        self._observer.counted_alone()
        return await self._alone.hit(counters)

    async def _keep_connected(self, tried: asyncio.Event) -> None:
        while True:
            try:
                await self._shared.probe()
                self._note_back()
                tried.set()
                await self._away.wait()
                await self._shared.drop_connections()
            except ValkeyAway as why:
                self._note_away(why)
            tried.set()
            await self._sleep(RETRY_SECONDS)

    def _note_away(self, why: ValkeyAway) -> None:
        self._away.set()
        self._observer.away(why.failure)
        if not self._is_known_away:
            log.warning("shared_limits_away", failure=why.failure, detail=why.detail)
        self._is_known_away = True

    def _note_back(self) -> None:
        self._away.clear()
        self._observer.connected()
        if self._is_known_away:
            log.warning("shared_limits_back")
        self._is_known_away = False
