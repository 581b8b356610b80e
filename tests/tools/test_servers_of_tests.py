"""The servers of tests leave no sockets in /tmp, and do not stumble over those of others.

A preloaded process is like one that was started.
"""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import make_url

from app.operations.database_roles import RoleLogin
from tests import levels
from tests.support import ports, preloaded, s3
from tests.support.pgbouncer import pgbouncer, pgbouncer_program
from tests.support.preloaded import IS_POSSIBLE, QUICK_PROGRAM, PreloadedProcess
from tests.support.server import environment
from tests.support.waiting import HANG_SECONDS


@pytest.mark.skipif(s3.weed() is None, reason="there is no S3 server for this machine")
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
    user = RoleLogin(str(url.username), str(url.password))
    with pgbouncer(url, [user]) as pooler:
        assert not Path(f"/tmp/.s.PGSQL.{pooler.port}").exists()
    assert not Path(f"/tmp/.s.PGSQL.{pooler.port}").exists()


def test_test_processes_never_share_a_port_nor_take_those_of_the_system() -> None:
    processes = [ports._ports_of_this_process() for _ in range(3)]
    given = [next(own) for own in processes for _ in range(ports.RANGE - 1)]
    assert len(set(given)) == len(given)
    # Those that an S3 server takes beside its own are not another's either.
    everyones = range(ports.FIRST, ports.FIRST + ports.RANGES * ports.RANGE)
    assert set(given) <= set(everyones)
    assert everyones.stop <= everyones.start + s3._GRPC_OFFSET
    assert everyones.stop + s3._GRPC_OFFSET <= 32_768


def test_a_port_on_which_a_server_listens_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", ports.free_port())) as server:
        assert not ports.is_free(server.getsockname()[1])


def start(folder: Path, *arguments: str, program: str, **settings: str) -> PreloadedProcess:
    with (folder / "output").open("ab") as output:
        surroundings = environment(folder / "data", **settings)
        return PreloadedProcess(arguments, surroundings, output, program=program)


def test_a_preloaded_process_prints_and_ends_as_one_that_was_started(tmp_path: Path) -> None:
    processes = [start(tmp_path, word, program=QUICK_PROGRAM) for word in ("--help", "fly")]
    assert [process.wait(HANG_SECONDS) for process in processes] == [0, 2]
    output = (tmp_path / "output").read_text()
    assert "linky [OPTIONS] COMMAND [ARGS]" in output
    assert "No such command" in output


def test_a_preloaded_process_has_its_own_session_and_end(tmp_path: Path) -> None:
    refused = start(tmp_path, "serve", program=QUICK_PROGRAM, LINKY_PORT="none")
    assert refused.wait(HANG_SECONDS) == 1
    assert "LINKY_PORT" in (tmp_path / "output").read_text()
    waiting = start(tmp_path, program="signal:pause")
    assert os.getsid(waiting.pid) == waiting.pid
    assert waiting.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(0.01)
    waiting.terminate()
    assert waiting.wait(HANG_SECONDS) == -signal.SIGTERM
    assert waiting.poll() == -signal.SIGTERM


@pytest.mark.skipif(not IS_POSSIBLE, reason="elsewhere nothing is preloaded")
def test_a_preloaded_process_has_what_it_was_started_with(tmp_path: Path) -> None:
    with (tmp_path / "output").open("wb") as output:
        process = PreloadedProcess(
            ["a", "b"], {"NAME": "値"}, output,
            program=f"{__name__}:print_surroundings", folder=tmp_path,
        )  # fmt: skip
    assert process.wait(HANG_SECONDS) == 0
    seen = json.loads((tmp_path / "output").read_text())
    assert seen == [["linky", "a", "b"], {"NAME": "値"}, str(tmp_path), "", [], True, []]


def print_surroundings() -> None:
    files = [number for number in range(3, 100) if Path(f"/proc/self/fd/{number}").exists()]
    missing = [name for name in preloaded.PRELOADED if name not in sys.modules]
    own = [sys.argv, dict(os.environ), os.getcwd(), sys.stdin.read(), files]
    print(json.dumps([*own, gc.isenabled(), missing]))
    # No thread takes a signal that the program blocks.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_test_in_the_process_may_start_no_preloaded_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "_barred", ["This test"])
    with pytest.raises(RuntimeError, match="This test starts a program"):
        start(tmp_path, program="os:getpid")


TEST_PROCESS = f"""
import os, socket, sys
from tests.support.preloaded import _CONTEXT, PreloadedProcess
_CONTEXT.set_forkserver_preload([])  # The app would take seconds.
ours, theirs = socket.socketpair()
program = "{__name__}:pause_with_a_child"
PreloadedProcess([], os.environ, sys.stdout.buffer, program=program, sockets=[theirs])
assert ours.recv(1)
"""


@pytest.mark.parametrize(
    ("end", "status"), [("", 0), ("os.kill(os.getpid(), 9)", -9)], ids=["ends", "is killed"]
)
def test_a_preloaded_process_and_its_children_end_with_their_test_process(
    end: str, status: int
) -> None:
    command = [sys.executable, "-c", TEST_PROCESS + end]
    with TemporaryDirectory() as folder:  # A test process that is killed leaves a socket.
        # This waits until all have ended that can print.
        ended = subprocess.run(
            command, env=os.environ | {"TMPDIR": folder}, stdout=subprocess.PIPE,
            timeout=HANG_SECONDS, check=False,
        )  # fmt: skip
    assert ended.returncode == status


def pause_with_a_child() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork():
        os.write(preloaded.FIRST_HANDED, b"!")
    signal.pause()
