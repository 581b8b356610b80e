"""The PostgreSQL server of one data folder: making its files, starting and stopping it.

The caller holds the gate (see the package), so nothing here runs twice at once on one data folder.
PostgreSQL calls the files of a server a cluster.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.core.files import sync
from app.operations.embedded.account import ServerAccount, choose_account
from app.operations.embedded.binaries import Binaries, find_binaries
from app.operations.embedded.errors import EmbeddedError
from app.operations.embedded.locks import POLL_SECONDS, open_private, try_open_exclusive

HOST = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 30.0
STARTS = 3
"""How often we start a server that exits at once: another program may have taken its port."""

MAX_LOG_BYTES = 5_000_000

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "jit": "off",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "cluster_name": "linky",
}
"""Passed at each start, not stored in the cluster, so that a change reaches old clusters too."""

INITDB_OPTIONS = [
    *("--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8"),
    # PostgreSQL's own rules of sorting and case, not the C library's: they are the same everywhere.
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    *("--set=timezone=UTC", "--set=log_timezone=UTC", "--no-instructions"),
    # More iterations make short passwords expensive to guess. Ours has 256 random bits, and each
    # connection of each test would take longer.
    "--set=scram_iterations=1",
]

BOOTSTRAP = r"""
SELECT 'CREATE ROLE linky LOGIN CREATEDB PASSWORD ''{password}'''
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'linky') \gexec
SELECT 'CREATE DATABASE linky OWNER linky'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'linky') \gexec
"""
"""The app's role is not a superuser, as on RDS. So a migration that needs one fails here first."""


@dataclass(frozen=True)
class PostmasterFile:
    """The content of postmaster.pid, which a running server writes."""

    pid: int
    port: int
    ready: bool


@dataclass(frozen=True)
class EmbeddedServer:
    """The server of one data folder (an absolute path that exists)."""

    data_dir: Path

    @property
    def cluster(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def log(self) -> Path:
        return self.data_dir / "postgres.log"

    @property
    def password_file(self) -> Path:
        # Inside the cluster, so that both are made and moved together.
        return self.cluster / "linky-password"

    @property
    def gate_lock(self) -> Path:
        """Locked by the process that makes, starts, checks or stops the server."""
        return self.data_dir / "postgres.gate"

    @property
    def users_lock(self) -> Path:
        """Locked, shared, by every process that uses the server."""
        return self.data_dir / "postgres.users"

    @property
    def alive_lock(self) -> Path:
        """Locked by every process of a running server, which inherit it from the first.

        The process id in postmaster.pid proves less: it stays there after a crash, another program
        may have it by now, and in another container it means another process.
        """
        return self.data_dir / "postgres.alive"

    @cached_property
    def account(self) -> ServerAccount | None:
        return choose_account(self.data_dir, self.cluster)

    @cached_property
    def binaries(self) -> Binaries:
        version = self.cluster / "PG_VERSION"
        return find_binaries(int(version.read_text()) if version.exists() else None)

    def ensure(self) -> str:
        """Make the cluster, start the server and create the database, unless they exist.

        Returns the URL. Raises EmbeddedError.
        """
        if not self.cluster.exists():
            self._initialise()
        password = self._password()
        port = self._ensure_running(password)
        return f"postgresql+asyncpg://linky:{password}@{HOST}:{port}/linky"

    def stop(self) -> None:
        """Stop the server, and wait until it has ended. Open transactions are rolled back."""
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0)):
            postmaster = self._postmaster()
            if postmaster and self._runs_here(postmaster.pid):
                os.kill(postmaster.pid, number)
            if wait_for(lambda: not self._is_alive(), seconds):
                return

    # Making the cluster

    def _initialise(self) -> None:
        """Run initdb in a temporary folder and rename it, so that a cluster is never incomplete."""
        work = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.data_dir))
        try:
            self._give(work)
            new, password = work / "cluster", work / "password"
            self._write_password(password)
            self._initdb(new, password)
            password.rename(new / self.password_file.name)
            sync(new)
            new.rename(self.cluster)
            sync(self.data_dir)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _write_password(self, path: Path) -> None:
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(32))
        self._give(path)
        sync(path)

    def _password(self) -> str:
        try:
            return self.password_file.read_text()
        except FileNotFoundError:
            raise EmbeddedError(
                f"The folder {self.cluster} holds no complete database: remove it to start over, "
                "or set LINKY_DATA_DIR to another."
            ) from None

    def _initdb(self, folder: Path, password: Path) -> None:
        program = self.binaries.path("initdb")
        command = [program, *INITDB_OPTIONS, f"--pwfile={password}", f"--pgdata={folder}"]
        with self._open_log() as (log, begin):
            result = subprocess.run(
                [*self._prefix(), *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd="/", env=_program_environment(), check=False,
            )  # fmt: skip
        if result.returncode != 0:
            raise self._failure("The embedded database could not be made", begin)

    def _give(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    # Starting

    def _ensure_running(self, password: str) -> int:
        """Use the server that runs, or start one. Returns its port once the database exists."""
        deadline = time.monotonic() + START_SECONDS
        starts, begin, reason = 0, self._log_size(), ""
        while time.monotonic() < deadline:
            if not self._is_alive():
                if starts == STARTS:
                    raise self._failure("The embedded database ended while it started", begin)
                self._start(first=starts == 0)
                starts += 1
            postmaster = self._postmaster()
            if postmaster and postmaster.ready:
                reason = self._bootstrap(postmaster.port, password)
                if not reason:
                    return postmaster.port
            time.sleep(POLL_SECONDS)
        message = f"The embedded database did not come up within {START_SECONDS:.0f} seconds"
        raise self._failure(message, begin, reason)

    def _start(self, *, first: bool) -> None:
        self._remove_leftovers()
        port = self._choose_port(keep=first)
        # The file is out of date: no process has the lock, and its process id is not our server's.
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        settings = SETTINGS | {"port": str(port)}
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        alive = try_open_exclusive(self.alive_lock)
        if alive is None:
            return
        try:
            self._launch(["-D", str(self.cluster), *arguments], alive)
        finally:
            os.close(alive)

    def _remove_leftovers(self) -> None:
        """Remove the temporary folders of killed processes that were making a cluster."""
        for leftover in self.data_dir.glob("postgres.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def _launch(self, arguments: list[str], alive: int) -> None:
        """Run the server in a session of its own, so that our Ctrl-C does not stop it.

        A shell starts it in the background and ends, so that the server is not our child. As a
        child it would stay a zombie if it ended before us. `$@` passes arguments without quoting.
        """
        shell = [*self._prefix(), "/bin/sh", "-c", '"$@" &', "sh"]
        with self._open_log() as (log, _):
            subprocess.run(
                [*shell, self.binaries.path("postgres"), *arguments], pass_fds=[alive],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                cwd="/", env=_program_environment(), check=False,
            )  # fmt: skip

    def _choose_port(self, *, keep: bool) -> int:
        """A free port. A killed server's port is taken again if possible: clients still know it."""
        old = self._postmaster()
        if keep and old and (port := free_port(old.port)):
            return port
        return free_port(0) or 0

    # Checking

    def _is_alive(self) -> bool:
        descriptor = try_open_exclusive(self.alive_lock)
        if descriptor is None:
            return True
        os.close(descriptor)
        # A developer may have started it by hand, without the lock.
        postmaster = self._postmaster()
        return postmaster is not None and self._runs_here(postmaster.pid)

    def _runs_here(self, pid: int) -> bool:
        """Whether process `pid` is a server of this cluster, not a later process with its id."""
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self.cluster
        except OSError:
            # In some containers even root may not read this; macOS has no /proc.
            return str(self.cluster) in command_line(pid)

    def _postmaster(self) -> PostmasterFile | None:
        """Read postmaster.pid. None while it is missing or incomplete."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            ready = len(lines) > 7 and lines[7].strip() == "ready"
            return PostmasterFile(pid=abs(int(lines[0])), port=int(lines[3]), ready=ready)
        except (OSError, ValueError, IndexError):
            return None

    def _bootstrap(self, port: int, password: str) -> str:
        """Create the role and the database if they are missing. Returns the error, or ""."""
        command = [self.binaries.path("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        connection = {
            "PGHOST": HOST, "PGPORT": str(port), "PGUSER": "postgres", "PGDATABASE": "postgres",
            "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "5",
            "PGSSLMODE": "disable", "PGGSSENCMODE": "disable",
        }  # fmt: skip
        result = subprocess.run(
            command, input=BOOTSTRAP.format(password=password), capture_output=True, text=True,
            cwd="/", env=_program_environment() | connection, check=False,
        )  # fmt: skip
        return "" if result.returncode == 0 else _first_error(result.stderr) or "psql failed"

    # The log, and the account that runs the server

    def _prefix(self) -> list[str]:
        if self.account is None:
            return []
        return self.account.prefix([Path(self.binaries.path("postgres")), self.data_dir])

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    @contextmanager
    def _open_log(self) -> Iterator[tuple[int, int]]:
        """The log, opened for appending, and its size. A log that is too long is emptied first."""
        log = open_private(self.log, os.O_WRONLY | os.O_APPEND)
        try:
            if os.fstat(log).st_size > MAX_LOG_BYTES:
                os.ftruncate(log, 0)
            yield log, os.fstat(log).st_size
        finally:
            os.close(log)

    def _failure(self, message: str, begin: int, reason: str = "") -> EmbeddedError:
        """Quotes the first error in the log after byte `begin`."""
        with self.log.open("rb") as file:
            file.seek(begin)
            reason = reason or _first_error(file.read().decode(errors="replace"))
        because = f": {reason}" if reason else ""
        return EmbeddedError(f"{message}{because} (the log is {self.log}).")


def _first_error(text: str) -> str:
    """The first error message in a log or an output. Later messages are its consequences."""
    match = re.search(r"(?:FATAL|PANIC|ERROR|error|initdb): +(?!error:)(.+)", text)
    return match[1].strip().rstrip(".") if match else ""


def _program_environment() -> dict[str, str]:
    """The environment of PostgreSQL's programs: without Linky's secrets, and without PGDATA."""
    kept = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}


def free_port(wanted: int) -> int | None:
    """Returns `wanted` if that port is free, else None. For 0 any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            return None
        port: int = probe.getsockname()[1]
        return port


def command_line(pid: int) -> str:
    """ "" if there is no such process."""
    proc = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        return proc.read_bytes().decode(errors="replace") if proc.exists() else ""
    command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll until the condition is true. False if it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
