"""Notifying systemd over a real datagram socket, and serving on a socket from systemd."""

import os
import select
import socket
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest

from app.operations.systemd import notify, notifying_service_manager, watchdog_seconds
from tests.support.preloaded import IS_POSSIBLE, LINKY_PROGRAM, PreloadedProcess
from tests.support.server import environment
from tests.support.systemd import Manager
from tests.support.waiting import HANG_SECONDS


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
        messages: list[str] = []
        for _ in range(4):
            # In the loop that sends: the socket holds few, and loses those that find it full.
            await anyio.wait_readable(manager)
            messages.append(manager.receive())
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


def start(
    data_dir: Path, manager: Manager, listener: socket.socket, database: str
) -> PreloadedProcess:
    """`linky serve`, as the unit starts it: with its socket as descriptor 3."""
    # The test's socket uses this port already: a process with a given socket must not bind it.
    port = str(listener.getsockname()[1])
    settings = environment(data_dir, LINKY_DATABASE_URL=database, LINKY_PORT=port)
    settings |= {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "600000000"}
    with (data_dir.parent / "log").open("ab") as log:
        return PreloadedProcess(
            ["serve"], settings, log,
            program=LINKY_PROGRAM, folder=data_dir.parent, sockets=[listener],
        )  # fmt: skip


def end(service: PreloadedProcess) -> None:
    service.terminate()
    assert service.wait(HANG_SECONDS) == 0


@pytest.mark.skipif(not IS_POSSIBLE, reason="systemd is for Linux")
def test_a_connection_during_a_restart_waits_and_is_served(
    tmp_path: Path, manager: Manager, listener: socket.socket, own_database: str
) -> None:
    first = start(tmp_path / "data", manager, listener, own_database)
    address = listener.getsockname()
    try:
        assert manager.receive_until("WATCHDOG=1") == ["READY=1", "WATCHDOG=1"]
        assert httpx.get(
            f"http://127.0.0.1:{address[1]}/health/ready", timeout=HANG_SECONDS
        ).status_code in (200, 503)
    finally:
        end(first)
    assert manager.receive_until("STOPPING=1")
    with socket.create_connection(address, timeout=HANG_SECONDS) as waiting:
        waiting.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert select.select([listener], [], [], HANG_SECONDS)[0], "no connection waits"
        second = start(tmp_path / "data", manager, listener, own_database)
        try:
            assert waiting.recv(4096).startswith(b"HTTP/1.1 200 OK")
        finally:
            end(second)
