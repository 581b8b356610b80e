"""A connection to Valkey that all requests of a process share.

Each call is written at once, and the answers come back in the order of the calls. So no call
waits for a free connection, and the answer to a cancelled call is dropped.
"""

import asyncio
import ssl
from collections import deque
from enum import StrEnum
from functools import cached_property
from typing import Any, cast

import libvalkey

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
    """Valkey can't be used. The text is for operators, and has nothing of the URL."""

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
