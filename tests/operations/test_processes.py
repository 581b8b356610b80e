"""Several processes on one socket: the supervisor with fake providers, and `linky serve` itself."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import ROOT, Server
from tests.support.systemd import Manager
from tests.support.waiting import HANG_SECONDS, wait_until


class Supervised:
    """The supervisor with two fake providers, and what these print."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stdout is not None
        self._output = process.stdout

    def next(self) -> tuple[int, int, str]:
        """The next line of a process: its place, its id and the word."""
        while True:
            line = self._output.readline()
            assert line, "it ended"
            if found := re.fullmatch(r"(\d) (\d+) (\w+)\n", line):
                return int(found[1]), int(found[2]), found[3]

    def expect(self, word: str, times: int) -> dict[int, int]:
        """The processes by place that print this word next."""
        lines = [self.next() for _ in range(times)]
        assert {line[2] for line in lines} == {word}, lines
        return {place: process for place, process, _ in lines}

    def rest(self) -> str:
        """What is printed until the last process has ended."""
        return self._output.read()

    def wait(self) -> int:
        return self.process.wait(HANG_SECONDS)


@contextmanager
def supervised(kind: str, **environment: str) -> Iterator[Supervised]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.operations.stub_server_program", kind],
        env=os.environ | environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield Supervised(process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def is_running(process: int) -> bool:
    try:
        # A process that has ended stays a zombie until its parent asks for its status.
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_all_processes_finish_at_the_same_time(number: signal.Signals) -> None:
    with supervised("serve_together") as server:
        server.expect("serves", 2)
        server.process.send_signal(number)
        server.expect("finishes", 2)
        server.expect("ends", 2)
        assert server.wait() == 0


def test_a_process_that_dies_is_replaced_and_the_other_is_untouched() -> None:
    with supervised("serve") as server:
        processes = server.expect("serves", 2)
        for _ in range(3):
            os.kill(processes[1], signal.SIGKILL)
            replaced = server.expect("serves", 1)
            assert replaced.keys() == {1}
            assert replaced[1] != processes[1]
            processes |= replaced
        assert is_running(processes[2])


def test_a_process_that_hangs_is_killed_and_replaced() -> None:
    # The time is for the start of the two, too.
    with supervised("hang", WATCHDOG_USEC="6000000") as server:
        by_word: dict[str, int] = {}
        # On a busy machine the other one may be replaced too.
        while "serves" not in by_word:
            place, process, word = server.next()
            if place == 1:
                by_word[word] = process
        assert by_word.keys() == {"hangs", "serves"}
        assert not is_running(by_word["hangs"])


def test_one_that_can_not_start_ends_them_all_with_its_status() -> None:
    with supervised("fail") as server:
        output = server.rest()
        assert server.wait() == 7
    assert "process_not_started" in output
    assert output.count(" ends") == output.count(" finishes")


def test_no_process_outlives_its_supervisor() -> None:
    with supervised("serve") as server:
        server.expect("serves", 2)
        server.process.kill()
        assert server.rest().count(" ends") == 2


def test_systemd_hears_that_it_is_ready_when_all_are(tmp_path: Path) -> None:
    manager = Manager(str(tmp_path / "notify"))
    watchdog = f"{HANG_SECONDS * 1_000_000:.0f}"
    told = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": watchdog}
    with supervised("start_late", **told) as server:
        assert manager.receive() == "READY=1"
        # The second one said so before.
        server.expect("serves", 2)
        assert manager.receive() == "WATCHDOG=1"
        server.process.terminate()
        assert "READY=1" not in manager.receive_until("STOPPING=1")
        assert server.wait() == 0
    manager.close()


def test_a_server_of_two_processes_serves_while_one_is_replaced(
    tmp_path: Path, own_database: str
) -> None:
    command = (*QUICK_LINKY, "serve", "--processes", "2", "--when-ready")
    manager = Manager(str(tmp_path / "notify"))
    environment = {"LINKY_DATABASE_URL": own_database, "LINKY_RATE_LIMITS": "on"}
    server = Server(tmp_path / "data", command, NOTIFY_SOCKET=manager.address, **environment)
    both = {'process="1"': 1.0, 'process="2"': 1.0}
    try:
        server.start()
        assert "limits_counted_by_each_process" in server.output()
        # One that ends before it was ready ends them all.
        assert manager.receive() == "READY=1"
        before = processes_of(server)
        assert figures(server, "linky_process_answers") == both
        os.kill(before[1], signal.SIGKILL)
        # Until it has ended it may still accept a connection.
        wait_until("ended", lambda: not is_running(before[1]))
        for _ in range(20):
            assert httpx.get(f"{server.url}/health/live", timeout=HANG_SECONDS).is_success
        wait_until("replaced", lambda: processes_of(server)[1] != before[1])
        wait_until("answering", lambda: figures(server, "linky_process_answers") == both)
        after = processes_of(server)
        assert after[2] == before[2]
        # What the database knows is there once, and what a process knows is there for each.
        assert figures(server, "linky_jobs_waiting").keys() == {""}
        assert figures(server, "process_resident_memory_bytes").keys() == both.keys()
        assert server.signal(signal.SIGTERM) == 0, server.output()
        assert [process for process in after.values() if is_running(process)] == []
    finally:
        server.clean_up()
        manager.close()


def processes_of(server: Server) -> dict[int, int]:
    """The processes that serve, by their places."""
    started = re.findall(r"process_started\s+place=(\d) process=(\d+)", server.output())
    return {int(place): int(process) for place, process in started}


def figures(server: Server, name: str) -> dict[str, float]:
    """The values of a metric by their labels."""
    text = httpx.get(f"{server.url}/metrics", timeout=HANG_SECONDS).text
    found = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}
