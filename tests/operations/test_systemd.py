"""Notifying systemd over a real datagram socket, and serving on a socket from systemd."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import pytest

from app.operations.systemd import notify, notifying_service_manager, watchdog_seconds
from tests.support.server import environment
from tests.support.waiting import HANG_SECONDS


class Manager:
    """systemd's end of the socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.settimeout(HANG_SECONDS)

    def receive(self) -> str:
        return self._socket.recv(4096).decode()

    def receive_until(self, state: str) -> list[str]:
        messages = [self.receive()]
        while messages[-1] != state:
            messages.append(self.receive())
        return messages

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(str(tmp_path / "notify"))
    yield manager
    manager.close()


@pytest.mark.anyio
async def test_systemd_gets_ready_then_watchdog_messages_then_stopping(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    monkeypatch.setenv("WATCHDOG_USEC", "30000")
    async with notifying_service_manager():
        messages = [await anyio.to_thread.run_sync(manager.receive) for _ in range(4)]
    assert messages == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]
    assert manager.receive_until("STOPPING=1")


@pytest.mark.anyio
async def test_without_a_watchdog_only_ready_and_stopping_are_sent(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    async with notifying_service_manager():
        await anyio.sleep(0.05)
    assert [manager.receive(), manager.receive()] == ["READY=1", "STOPPING=1"]


@pytest.mark.anyio
async def test_the_watchdog_of_another_process_is_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert watchdog_seconds() == 2.0
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert watchdog_seconds() == 0.0


@pytest.mark.anyio
async def test_an_abstract_socket_address_works_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = Manager(f"@linky-{tmp_path.name}-{os.getpid()}")
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    notify("READY=1")
    assert manager.receive() == "READY=1"
    manager.close()


@pytest.mark.anyio
async def test_notify_works_without_a_listener(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("READY=1")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """The socket that systemd keeps open while the service restarts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener


class Services:
    """`linky serve`, time after time, as the unit starts it: with its socket as descriptor 3."""

    def __init__(self, environment: dict[str, str], folder: Path, listener: socket.socket) -> None:
        program = Path(__file__).with_name("socket_service.py")
        self._process = subprocess.Popen(
            [sys.executable, program, str(listener.fileno())],
            env=environment, cwd=folder, pass_fds=[listener.fileno()], start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders, self._answers = self._process.stdin, self._process.stdout

    @contextmanager
    def one(self) -> Iterator[None]:
        """A service that runs during the block, and ends with status 0."""
        self._orders.write("start\n")
        self._orders.flush()
        service = int(self._answers.readline())
        try:
            yield
        finally:
            os.kill(service, signal.SIGTERM)
            assert self._answers.readline() == "0\n"

    def end(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@pytest.fixture
def services(
    tmp_path: Path, manager: Manager, listener: socket.socket, own_database: str
) -> Iterator[Services]:
    # The test's socket uses this port already: a process with a given socket must not bind it.
    port = str(listener.getsockname()[1])
    settings = environment(tmp_path / "data", LINKY_DATABASE_URL=own_database, LINKY_PORT=port)
    handed = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "600000000", "LISTEN_FDS": "1"}
    services = Services(settings | handed, tmp_path, listener)
    yield services
    services.end()


def test_a_connection_during_a_restart_waits_and_is_served(
    manager: Manager, listener: socket.socket, services: Services
) -> None:
    address = listener.getsockname()
    with services.one():
        assert manager.receive_until("WATCHDOG=1") == ["READY=1", "WATCHDOG=1"]
        assert httpx.get(
            f"http://127.0.0.1:{address[1]}/health/ready", timeout=HANG_SECONDS
        ).status_code in (200, 503)
    assert manager.receive_until("STOPPING=1")
    with socket.create_connection(address, timeout=HANG_SECONDS) as waiting:
        waiting.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        time.sleep(0.1)
        with services.one():
            assert waiting.recv(4096).startswith(b"HTTP/1.1 200 OK")
