"""The rate limits that all processes share: counted in Valkey, or here while it is away. ADR 0060.

All requests of a process share one connection. Each call is written at once, and the answers come
back in the order of the calls. So no call waits for a free connection, and the answer to a
cancelled call is dropped. A script counts all counters of a call in one round trip, or none.

Only what uses this module loads it.
"""

import asyncio
import hashlib
import ssl
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol, cast

import libvalkey
import structlog

from app.core.rate_store import CallCount, MemoryRateStore, Quota, count_of
from app.core.valkey_url import ValkeyAddress

CONNECT_SECONDS = 1.0
LOOK_SECONDS = 0.1
"""How often the oldest call is looked at. One that waited for a whole turn ends the connection.

So a call waits for two turns at most. A timer for each call would fire too early after this
process itself stood still: before the answer, which has long arrived, is read.
"""

MOST_UNREAD_BYTES = 64 * 1024
"""Our answers have some fifty bytes. What is longer is not Valkey's."""

_UNFINISHED = object()


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


class Connection(asyncio.Protocol):
    """Sends calls and reads answers. After its first failure it is of no use."""

    def __init__(self) -> None:
        self._why_ended: ValkeyAway | None = None
        self._ended = asyncio.Event()
        self._reader = libvalkey.Reader(notEnoughData=_UNFINISHED)
        self._waiting: deque[tuple[int, asyncio.Future[Any]]] = deque()
        """The turn in which each call was made, and the future of its answer."""
        self._turn = 0
        self._look: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and self._why_ended is None

    async def until_end(self) -> ValkeyAway:
        """Wait until it has failed or is closed; returns why."""
        await self._ended.wait()
        assert self._why_ended is not None
        return self._why_ended

    def call(self, *words: str | int) -> asyncio.Future[Any]:
        """Send a command. An error that Valkey answers is a result, of class ReplyError."""
        if self._transport is None or self._why_ended is not None:
            raise ValkeyAway(ValkeyFailure.LOST)
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        self._waiting.append((self._turn, answer))
        self._transport.write(libvalkey.pack_command(words))
        if self._look is None:
            self._look = loop.call_later(LOOK_SECONDS, self._end_if_silent)
        return answer

    async def ask(self, *words: str | int) -> Any:
        """The answer to a command. Raises ValkeyAway, also for an error that Valkey answers."""
        return accepted(await self.call(*words))

    def end(self, why: ValkeyAway) -> None:
        """Close the connection. All calls that wait fail."""
        if self._why_ended is not None:
            return
        self._why_ended = why
        self._ended.set()
        if self._look is not None:
            self._look.cancel()
        if self._transport is not None:
            self._transport.abort()
        for _, answer in self._waiting:
            if not answer.done():
                answer.set_exception(ValkeyAway(why.failure, why.detail))
        self._waiting.clear()

    def _end_if_silent(self) -> None:
        self._look = None
        if not self._waiting:
            return
        if self._waiting[0][0] < self._turn:
            self.end(ValkeyAway(ValkeyFailure.SILENT))
            return
        self._turn += 1
        loop = asyncio.get_running_loop()
        self._look = loop.call_later(LOOK_SECONDS, self._end_if_silent)

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have no common class with asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (answer := self._reader.gets()) is not _UNFINISHED:
                _, waiting = self._waiting.popleft()
                if not waiting.done():
                    waiting.set_result(answer)
        except (libvalkey.LibvalkeyError, IndexError):  # IndexError: no call waits.
            self.end(ValkeyAway(ValkeyFailure.GARBAGE))
        if self._reader.len() > MOST_UNREAD_BYTES:
            self.end(ValkeyAway(ValkeyFailure.GARBAGE))

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(ValkeyAway(ValkeyFailure.LOST))


def accepted(answer: Any) -> Any:
    """Raises ValkeyAway if the answer is an error."""
    if isinstance(answer, libvalkey.ReplyError):
        # The first word is the error's code. The rest may quote what we sent.
        raise ValkeyAway(ValkeyFailure.REFUSED, str(answer).partition(" ")[0][:40])
    return answer


class Endpoint:
    def __init__(self, address: ValkeyAddress) -> None:
        self._address = address

    async def connect(self) -> Connection:
        """Raises ValkeyAway."""
        connection = await self._connect()
        try:
            await self._sign_in(connection)
        except BaseException:
            connection.end(ValkeyAway(ValkeyFailure.LOST))
            raise
        return connection

    async def _connect(self) -> Connection:
        loop, address = asyncio.get_running_loop(), self._address
        try:
            tls = self._tls if address.is_encrypted else None
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await loop.create_connection(
                    Connection, address.host, address.port, ssl=tls
                )
        except ssl.SSLCertVerificationError as error:
            raise ValkeyAway(ValkeyFailure.UNREACHABLE, error.verify_message) from None
        except (OSError, UnicodeError) as error:  # A TimeoutError, and a name that can't be one.
            detail = getattr(error, "strerror", None) or type(error).__name__
            raise ValkeyAway(ValkeyFailure.UNREACHABLE, detail) from None
        return connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Read once: it takes 10 ms, and a server that is away is tried every second."""
        return ssl.create_default_context()

    async def _sign_in(self, connection: Connection) -> None:
        address = self._address
        if address.password is not None:
            user = (address.user,) if address.user else ()
            await connection.ask("AUTH", *user, address.password)
        if address.database:
            await connection.ask("SELECT", address.database)


PREFIX = "linky:limits:"
_KEY_BYTES = 15
_MICROSECOND = 1e-6
_PLENTY = Quota(1_000_000, 1)
"""A refused call would write nothing, and so prove nothing."""

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


class ValkeyCounting:
    """Counts over any connection. Valkey sees the callers as hashes only.

    Without the secret of the hash, one can't find out which address or account a key means, not
    even by trying all addresses.
    """

    def __init__(self, secret: bytes, script: str = SCRIPT) -> None:
        self._secret = secret
        self._script = script
        # Valkey's name for a script that it knows.
        self._name = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()

    async def hit(self, connection: Connection, counters: Counters) -> list[CallCount]:
        """Counts a call on all counters, or on none if one is used up. Raises ValkeyAway."""
        words = self._words(counters)
        answer = await connection.call("EVALSHA", self._name, *words)
        if isinstance(answer, libvalkey.ReplyError) and str(answer).startswith("NOSCRIPT"):
            answer = await connection.call("EVAL", self._script, *words)
        return _counts(accepted(answer), counters)

    async def prove(self, connection: Connection) -> None:
        """Counts a call of no caller, to see that Valkey can write. Raises ValkeyAway."""
        await self.hit(connection, [("nobody", _PLENTY)])

    def _words(self, counters: Counters) -> list[str | int]:
        keys = [self._key(key, quota) for key, quota in counters]
        numbers = [number for _, quota in counters for number in (quota.calls, quota.seconds)]
        return [len(keys), *keys, *numbers]

    def _key(self, key: str, quota: Quota) -> str:
        text = f"{quota.seconds} {key}".encode()
        digest = hashlib.blake2b(text, key=self._secret, digest_size=_KEY_BYTES).digest()
        return PREFIX + urlsafe_b64encode(digest).decode()


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


log = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0
"""The pause between two attempts to connect."""


class Observer(Protocol):
    def connected(self) -> None: ...

    def away(self, failure: str) -> None:
        """An attempt to connect failed, or a connection ended."""

    def counted_alone(self) -> None: ...


class SharedRateStore:
    """Counts in Valkey over one connection, which a task keeps in the background.

    No request waits for a connection: without one, or when the present one fails, its call is
    counted in this process. So a caller has up to one limit for each process, not none at all.
    """

    def __init__(
        self,
        address: ValkeyAddress,
        secret: bytes,
        observer: Observer,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._endpoint = Endpoint(address)
        self._counting = ValkeyCounting(secret)
        self._observer = observer
        self._alone = MemoryRateStore()
        self._sleep = sleep
        self._connection: Connection | None = None
        self._keeping: asyncio.Task[None] | None = None
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

    async def hit(self, counters: Sequence[tuple[str, Quota]]) -> Sequence[CallCount]:
        connection = self._connection
        if connection is not None and connection.is_open:
            try:
                return await self._counting.hit(connection, counters)
            except ValkeyAway as why:
                connection.end(why)
        self._observer.counted_alone()
        return await self._alone.hit(counters)

    async def _keep_connected(self, tried: asyncio.Event) -> None:
        while True:
            try:
                await self._stay_connected(tried)
            except ValkeyAway as why:
                self._observer.away(why.failure)
                if not self._is_known_away:
                    log.warning("shared_limits_away", failure=why.failure, detail=why.detail)
                self._is_known_away = True
            finally:
                tried.set()
            await self._sleep(RETRY_SECONDS)

    async def _stay_connected(self, tried: asyncio.Event) -> None:
        """Raises ValkeyAway: at once, or when the connection ends."""
        connection = await open_connection(self._endpoint, self._counting)
        try:
            self._connection = connection
            self._observer.connected()
            if self._is_known_away:
                log.warning("shared_limits_back")
            self._is_known_away = False
            tried.set()
            raise await connection.until_end()
        finally:
            connection.end(ValkeyAway(ValkeyFailure.LOST))


async def open_connection(endpoint: Endpoint, counting: ValkeyCounting) -> Connection:
    """A connection on which counting works. Raises ValkeyAway."""
    connection = await endpoint.connect()
    try:
        await counting.prove(connection)
    except BaseException:
        connection.end(ValkeyAway(ValkeyFailure.LOST))
        raise
    return connection
