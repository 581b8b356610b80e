"""The servers of tests leave no sockets in /tmp, and do not stumble over those of others.

A preloaded process is like one that was started.
"""

import errno
import gc
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.operations.database_roles import Login
from tests.support import ports, preloaded, s3
from tests.support.full_server import full_server
from tests.support.pgbouncer import pgbouncer, pgbouncer_program
from tests.support.preloaded import IS_POSSIBLE, PreloadedProcess
from tests.support.server import environment
from tests.support.waiting import HANG_SECONDS, wait_until


@pytest.mark.skipif(s3.weed() is None, reason="there is no S3 server for this machine")
@pytest.mark.xdist_group("s3")
def test_a_killed_s3_server_leaves_no_socket(tmp_path: Path) -> None:
    with s3.s3_server(tmp_path / "s3") as server:
        assert any(s3.sockets_of(port) for port in server.ports)
        server.kill()
        server.start()
    assert [path for port in server.ports for path in s3.sockets_of(port)] == []


def test_a_port_with_a_socket_of_another_user_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "SOCKETS", tmp_path)
    offered: list[int] = []

    def sockets_of(port: int) -> list[Path]:
        """As if a server had been killed at the first two ports that are offered."""
        offered.append(port)
        if len(offered) <= 2:
            (tmp_path / f"seaweedfs-filer-grpc-{port + 10_000}.sock").touch()
        return real(port)

    real = s3.sockets_of
    monkeypatch.setattr(s3, "sockets_of", sockets_of)
    ports = s3.free_ports(3)
    assert ports == offered[2:]


@pytest.mark.skipif(pgbouncer_program() is None, reason="install pgbouncer")
def test_pgbouncer_makes_no_socket(server_url: str) -> None:
    url = make_url(server_url)
    user = Login(str(url.username), str(url.password))
    with pgbouncer(url, [user]) as pooler:
        assert not Path(f"/tmp/.s.PGSQL.{pooler.port}").exists()
    assert not Path(f"/tmp/.s.PGSQL.{pooler.port}").exists()


def test_ports_of_two_test_processes_are_never_the_same_nor_those_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[int] = []
    for worker in range(ports.PROCESSES):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{worker}")
        own = ports._ports_of_this_process()
        given += [next(own) for _ in range(ports.RANGE)]
    assert len(set(given)) == len(given) == ports.PROCESSES * ports.RANGE
    # Those that an S3 server takes beside its own are not another's either.
    assert set(given).isdisjoint(port + s3._GRPC_OFFSET for port in given)
    assert max(given) + s3._GRPC_OFFSET < 32_768


def test_a_port_on_which_a_server_listens_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", ports.free_port())) as server:
        assert not ports.is_free(server.getsockname()[1])


def start(folder: Path, *arguments: str, **settings: str) -> PreloadedProcess:
    with (folder / "output").open("ab") as output:
        return PreloadedProcess(arguments, environment(folder / "data", **settings), output)


@pytest.mark.skipif(not IS_POSSIBLE, reason="it is for Linux")
def test_a_preloaded_process_prints_and_ends_as_one_that_was_started(tmp_path: Path) -> None:
    processes = [start(tmp_path, "--help"), start(tmp_path, "fly")]
    assert [process.wait(HANG_SECONDS) for process in processes] == [0, 2]
    output = (tmp_path / "output").read_text()
    assert "linky [OPTIONS] COMMAND [ARGS]" in output
    assert "No such command" in output


@pytest.mark.skipif(not IS_POSSIBLE, reason="it is for Linux")
def test_a_preloaded_process_has_its_own_environment_session_and_end(tmp_path: Path) -> None:
    refused = start(tmp_path, "serve", LINKY_PORT="none")
    assert refused.wait(HANG_SECONDS) == 1
    assert "LINKY_PORT" in (tmp_path / "output").read_text()
    # It waits for a database that never answers.
    with full_server() as port:
        url = f"postgresql+asyncpg://linky@127.0.0.1:{port}/linky"
        waiting = start(tmp_path, "worker", LINKY_DATABASE_URL=url)
        assert os.getsid(waiting.pid) == waiting.pid
        assert waiting.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.01)
        waiting.send_signal(signal.SIGKILL)
        assert waiting.wait(HANG_SECONDS) == -signal.SIGKILL
        assert waiting.poll() == -signal.SIGKILL


@pytest.mark.skipif(not IS_POSSIBLE, reason="it is for Linux")
def test_a_preloaded_process_collects_garbage(tmp_path: Path) -> None:
    with (tmp_path / "output").open("wb") as output:
        process = PreloadedProcess([], os.environ, output, program=f"{__name__}:print_collecting")
    assert process.wait(HANG_SECONDS) == 0
    assert (tmp_path / "output").read_text() == "True\n"


def print_collecting() -> None:
    print(gc.isenabled())


@pytest.mark.skipif(not IS_POSSIBLE, reason="it is for Linux")
def test_what_is_not_an_id_or_a_status_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    monkeypatch.setattr(preloaded, "_connect_to_helper", lambda: ours)
    theirs.send(b"status 1")
    with theirs, pytest.raises(ChildProcessError, match="'status 1' instead of a pid"):
        start(tmp_path, "--help")


@contextmanager
def helper_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """Use another helper than the run's, for a "run" that a test can kill."""
    address, life = folder / "helper", subprocess.Popen(["sleep", "600"])
    try:
        with (folder / "output").open("wb") as output:
            helper = PreloadedProcess(
                [str(address), str(life.pid)], os.environ, output, program=program
            )
        assert helper.wait(HANG_SECONDS) == 0, (folder / "output").read_text()
        monkeypatch.setattr(preloaded, "_place", lambda: (address, life.pid))
        yield address, life
    finally:
        life.kill()
        life.wait()
    wait_until("the end", lambda: not address.exists())


def start_waiting(folder: Path) -> PreloadedProcess:
    with (folder / "output").open("ab") as output:
        return PreloadedProcess([], os.environ, output, program="signal:pause")


@pytest.mark.skipif(not IS_POSSIBLE, reason="it is for Linux")
def test_the_helper_and_its_programs_end_when_its_run_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = helper_of_its_own(tmp_path, monkeypatch, "tests.support.preloaded:help_a_run")
    with helper as (address, life):
        assert address.exists()
        waiting, other = start_waiting(tmp_path), start_waiting(tmp_path)
        # As if the test process that ordered it had been killed.
        other._channel.close()
        wait_until("the other's end", lambda: not Path("/proc", str(other.pid)).exists())
        assert waiting.poll() is None
        life.kill()
        assert waiting.wait(HANG_SECONDS) == -signal.SIGKILL


@pytest.mark.skipif(not IS_POSSIBLE, reason="it is for Linux")
def test_a_helper_that_can_not_fork_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with helper_of_its_own(tmp_path, monkeypatch, f"{__name__}:help_with_too_many_processes"):
        with pytest.raises(ChildProcessError, match="it could not start it"):
            start(tmp_path, "--help")
        assert start(tmp_path, "--help").wait(HANG_SECONDS) == 0


def help_with_too_many_processes() -> None:
    """A helper whose second fork fails: the first makes it independent."""
    fork, results = os.fork, [True, False]

    def failing_fork() -> int:
        if results and not results.pop(0):
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return fork()

    os.fork = failing_fork
    preloaded.help_a_run()


@pytest.mark.skipif(not IS_POSSIBLE, reason="it is for Linux")
def test_a_helper_that_died_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address, life = tmp_path / "helper", subprocess.Popen(["sleep", "600"])
    monkeypatch.setattr(preloaded, "_place", lambda: (address, life.pid))
    # The new one imports for itself what it is told to, and the app takes seconds.
    monkeypatch.setattr(preloaded, "PRELOADED", ("string",))
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as dead:
            dead.bind(str(address))
        with (tmp_path / "output").open("wb") as output:
            process = PreloadedProcess([], os.environ, output, program="os:getpid")
        assert process.wait(HANG_SECONDS) == 0
    finally:
        life.kill()
        life.wait()
    wait_until("the end", lambda: not address.exists())
