"""A server as its user starts it: in its own process group, with its own port and data folder."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from app.operations import embedded
from tests.support.ports import free_port, listens
from tests.support.preloaded import QUICK_PROGRAM, Process, start
from tests.support.quick_linky import QUICK_LINKY
from tests.support.waiting import HANG_SECONDS, wait_until

ROOT = Path(__file__).parents[2]
LINKY = str(Path(sys.executable).parent / "linky")
MAKE_RUN = ("make", "--no-print-directory", "run")


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """This process's environment with the given settings, and none from the checkout's `.env`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINKY_")}
    ours = {
        "LINKY_ENV": "development",
        "LINKY_DATA_DIR": str(data_dir),
        "LINKY_DATABASE_URL": "",
        "LINKY_PUBLIC_URL": "",
        "LINKY_JWT_KEYS": "",
        "LINKY_HOST": "127.0.0.1",
        "LINKY_RATE_LIMITS": "off",
        "LINKY_TERMS_VERSION": "",
        "LINKY_WORKER": "inside",
        # The environment is up to date: the tests run in it.
        "UV_NO_SYNC": "1",
    }
    return kept | ours | settings


def run(
    command: Sequence[str], environment: dict[str, str], *, stdin: str = "", cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment, input=stdin, cwd=cwd,
        capture_output=True, text=True, timeout=HANG_SECONDS, check=False,
    )  # fmt: skip


class Server:
    def __init__(self, data_dir: Path, command: Sequence[str] = MAKE_RUN, **settings: str) -> None:
        self.data_dir = data_dir
        self.command = command
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment(data_dir, LINKY_PORT=str(self.port), **settings)
        self.log = data_dir.parent / f"{data_dir.name}-{self.port}.log"
        self._begin = 0
        self._process: Process | None = None

    def launch(self) -> "Server":
        """Does not wait until it is ready."""
        self._begin = len(self.output())
        with self.log.open("ab") as log:
            if tuple(self.command[: len(QUICK_LINKY)]) == QUICK_LINKY:
                arguments = self.command[len(QUICK_LINKY) :]
                self._process = start(QUICK_PROGRAM, arguments, self.environment, log)
            else:
                self._process = subprocess.Popen(
                    self.command, env=self.environment, cwd=ROOT, start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )  # fmt: skip
        return self

    def start(self) -> "Server":
        """Waits until it is ready."""
        self.launch()
        self.wait_until("ready", lambda: self.readiness() == 200)
        return self

    def readiness(self) -> int:
        """The status of /health/ready; 0 if nothing listens."""
        if not listens(self.port):
            return 0
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=HANG_SECONDS).status_code
        except httpx.TransportError:
            return 0

    def wait_until(self, what: str, condition: Any) -> None:
        def it_runs_and_holds() -> bool:
            assert self.is_running, f"it ended: {self.output()}"
            return bool(condition())

        try:
            wait_until(what, it_runs_and_holds)
        except TimeoutError as hangs:
            raise TimeoutError(f"{hangs}: {self.output()}") from None

    def output(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def pid(self) -> int:
        """The process that serves; it is a child of `make` and uv."""
        found = re.findall(r"Started server process \[(\d+)\]", self.output()[self._begin :])
        assert found, self.output()
        return int(found[-1])

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert found, status
        return int(found[1]) / 1024

    def all_memory_mb(self) -> float:
        """The memory of the server and its PostgreSQL; shared pages count once."""
        postmaster = (self.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0]
        return sum(_pss_mb(pid) for top in (self.pid, int(postmaster)) for pid in _family(top))

    def ask_to_end(self) -> None:
        """Send SIGTERM to the process that serves, as a service manager does."""
        os.kill(self.pid, signal.SIGTERM)

    def end(self) -> None:
        """End it as a service manager does, and check that it ends with status 0."""
        self.ask_to_end()
        status = self.wait()
        assert status == 0, f"{status}: {self.output()}"

    def signal(self, number: int) -> int:
        """Send a signal that ends the command; returns its exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        return self.wait()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait(self) -> int:
        """Wait for the end; returns the exit status of the command."""
        assert self._process is not None
        return self._process.wait(HANG_SECONDS)

    def kill(self) -> None:
        """SIGKILL for the whole group and its PostgreSQL, without a chance to tidy up."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(HANG_SECONDS)
        postmaster = self.data_dir / "postgres" / "postmaster.pid"
        os.kill(int(postmaster.read_text().splitlines()[0]), signal.SIGKILL)

    def clean_up(self) -> None:
        """End what still runs, PostgreSQL included, also after a failed test."""
        if self._process is None:
            return
        if self.is_running:
            os.killpg(self._process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(HANG_SECONDS)
        # `make` may have ended before the processes that it started.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if (self.data_dir / "postgres" / "postmaster.pid").exists():
            # A killed server left PostgreSQL running. Its last user stops it.
            embedded.acquire(self.data_dir)
            embedded.release(self.data_dir)


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def _pss_mb(pid: int) -> float:
    """0 for a process that has just ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB$", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
