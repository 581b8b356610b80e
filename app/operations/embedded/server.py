"""One cluster in a data folder: make it, start it, make the database in it, stop it.

Whoever calls holds the gate (see the package): nothing here runs twice at once on a data folder.
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

from app.operations.embedded.account import Account, choose_account
from app.operations.embedded.binaries import Binaries, find_binaries
from app.operations.embedded.errors import EmbeddedError
from app.operations.embedded.locks import POLL_SECONDS, open_private, try_open_exclusive

HOST = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 30.0
STARTS = 3
"""How often a server that exits at once is tried anew: somebody may have taken its port."""

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
"""Given at each start and not kept in the folder, so that a change reaches old clusters too."""

INITDB_OPTIONS = [
    *("--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8"),
    # Sorting and case are PostgreSQL's own, not the C library's: the same on every machine.
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    *("--set=timezone=UTC", "--set=log_timezone=UTC", "--no-instructions"),
    # Iterations make short passwords dear to guess; ours has 256 random bits, and every
    # connection of every test would pay for them.
    "--set=scram_iterations=1",
]

BOOTSTRAP = r"""
SELECT 'CREATE ROLE linky LOGIN CREATEDB PASSWORD ''{password}'''
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'linky') \gexec
SELECT 'CREATE DATABASE linky OWNER linky'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'linky') \gexec
"""
"""The app is no superuser, as it is none on RDS: a migration that needs one fails here first."""


@dataclass(frozen=True)
class Postmaster:
    """What a running server writes into postmaster.pid."""

    pid: int
    port: int
    ready: bool


@dataclass(frozen=True)
class Server:
    """The PostgreSQL of one data folder (an absolute path that exists)."""

    data_dir: Path

    @property
    def cluster(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def log(self) -> Path:
        return self.data_dir / "postgres.log"

    @property
    def password_file(self) -> Path:
        # In the cluster, so that the two come into being, and move, together.
        return self.cluster / "linky-password"

    @property
    def gate_lock(self) -> Path:
        """Held by whoever makes, starts or stops the server, or looks after it."""
        return self.data_dir / "postgres.gate"

    @property
    def users_lock(self) -> Path:
        """Shared by all who use the server."""
        return self.data_dir / "postgres.users"

    @property
    def alive_lock(self) -> Path:
        """Held by every process of a running server, by inheritance.

        Unlike the number in postmaster.pid it cannot outlive them, be another program's, or mean
        nothing because the number counts in another container.
        """
        return self.data_dir / "postgres.alive"

    @cached_property
    def account(self) -> Account | None:
        return choose_account(self.data_dir, self.cluster)

    @cached_property
    def binaries(self) -> Binaries:
        version = self.cluster / "PG_VERSION"
        return find_binaries(int(version.read_text()) if version.exists() else None)

    def ensure(self) -> str:
        """Make, start and fill what is missing; returns the URL. Raises EmbeddedError."""
        if not self.cluster.exists():
            self._initialise()
        password = self._password()
        port = self._ensure_running(password)
        return f"postgresql+asyncpg://linky:{password}@{HOST}:{port}/linky"

    def stop(self) -> None:
        """End the server, and wait until it has: open transactions are rolled back."""
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0)):
            postmaster = self._postmaster()
            if postmaster and self._runs_here(postmaster.pid):
                os.kill(postmaster.pid, number)
            if _wait(lambda: not self._is_alive(), seconds):
                return

    # Making the cluster

    def _initialise(self) -> None:
        """Run initdb beside the final place and rename: a cluster is there whole or not at all."""
        work = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.data_dir))
        try:
            self._give(work)
            new, password = work / "cluster", work / "password"
            self._write_password(password)
            self._initdb(new, password)
            password.rename(new / self.password_file.name)
            _sync(new)
            new.rename(self.cluster)
            _sync(self.data_dir)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _write_password(self, path: Path) -> None:
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(32))
        self._give(path)
        _sync(path)

    def _password(self) -> str:
        try:
            return self.password_file.read_text()
        except FileNotFoundError:
            raise EmbeddedError(
                f"The folder {self.cluster} holds no complete database: remove it to begin anew, "
                "or set LINKY_DATA_DIR to another."
            ) from None

    def _initdb(self, folder: Path, password: Path) -> None:
        program = self.binaries.path("initdb")
        command = [program, *INITDB_OPTIONS, f"--pwfile={password}", f"--pgdata={folder}"]
        with self._open_log() as (log, begin):
            result = subprocess.run(
                [*self._prefix(), *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd="/", env=_environment(), check=False,
            )  # fmt: skip
        if result.returncode != 0:
            raise self._failure("The embedded database could not be made", begin)

    def _give(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    # Starting

    def _ensure_running(self, password: str) -> int:
        """Adopt the server that runs or start one; returns its port once the database is there."""
        deadline = time.monotonic() + START_SECONDS
        starts, begin, trouble = 0, self._log_size(), ""
        while time.monotonic() < deadline:
            if not self._is_alive():
                if starts == STARTS:
                    raise self._failure("The embedded database ended while it started", begin)
                self._start(first=starts == 0)
                starts += 1
            postmaster = self._postmaster()
            if postmaster and postmaster.ready:
                trouble = self._bootstrap(postmaster.port, password)
                if not trouble:
                    return postmaster.port
            time.sleep(POLL_SECONDS)
        message = f"The embedded database did not come up within {START_SECONDS:.0f} seconds"
        raise self._failure(message, begin, trouble)

    def _start(self, *, first: bool) -> None:
        self._sweep()
        port = self._choose_port(keep=first)
        # Whatever it says is over: nobody holds the lock, and no server runs here by its number.
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

    def _sweep(self) -> None:
        """Remove what an initdb left that was killed, or whose starter was."""
        for leftover in self.data_dir.glob("postgres.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def _launch(self, arguments: list[str], alive: int) -> None:
        """Run the server in a session of its own, where our Ctrl-C does not reach it.

        The shell starts it in the background and ends, so that it is no child of ours: it would
        stay a zombie when it ended before us. Arguments go through `$@`, so nothing needs quotes.
        """
        shell = [*self._prefix(), "/bin/sh", "-c", '"$@" &', "sh"]
        with self._open_log() as (log, _):
            subprocess.run(
                [*shell, self.binaries.path("postgres"), *arguments], pass_fds=[alive],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                cwd="/", env=_environment(), check=False,
            )  # fmt: skip

    def _choose_port(self, *, keep: bool) -> int:
        """A free port; that of a server that was killed, if it may be, for who still knows it."""
        old = self._postmaster()
        if keep and old and (port := _free_port(old.port)):
            return port
        return _free_port(0) or 0

    # Looking

    def _is_alive(self) -> bool:
        descriptor = try_open_exclusive(self.alive_lock)
        if descriptor is None:
            return True
        os.close(descriptor)
        # Somebody may have started it by hand, without the lock.
        postmaster = self._postmaster()
        return postmaster is not None and self._runs_here(postmaster.pid)

    def _runs_here(self, pid: int) -> bool:
        """Whether process `pid` is a server of this cluster, and not one that got its number."""
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self.cluster
        except OSError:
            # In a container root may not look there; a Mac has no /proc.
            return str(self.cluster) in _command_line(pid)

    def _postmaster(self) -> Postmaster | None:
        """What postmaster.pid says; None while it is missing or half written."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            ready = len(lines) > 7 and lines[7].strip() == "ready"
            return Postmaster(pid=abs(int(lines[0])), port=int(lines[3]), ready=ready)
        except (OSError, ValueError, IndexError):
            return None

    def _bootstrap(self, port: int, password: str) -> str:
        """Make the role and the database if they are missing; returns what went wrong, or ""."""
        command = [self.binaries.path("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        connection = {
            "PGHOST": HOST, "PGPORT": str(port), "PGUSER": "postgres", "PGDATABASE": "postgres",
            "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "5",
            "PGSSLMODE": "disable", "PGGSSENCMODE": "disable",
        }  # fmt: skip
        result = subprocess.run(
            command, input=BOOTSTRAP.format(password=password), capture_output=True, text=True,
            cwd="/", env=_environment() | connection, check=False,
        )  # fmt: skip
        return "" if result.returncode == 0 else _first_error(result.stderr) or "psql failed"

    # Helping

    def _prefix(self) -> list[str]:
        if self.account is None:
            return []
        return self.account.prefix([Path(self.binaries.path("postgres")), self.data_dir])

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    @contextmanager
    def _open_log(self) -> Iterator[tuple[int, int]]:
        """The log, for appending, and where it ends; emptied first when it has grown too long."""
        log = open_private(self.log, os.O_WRONLY | os.O_APPEND)
        try:
            if os.fstat(log).st_size > MAX_LOG_BYTES:
                os.ftruncate(log, 0)
            yield log, os.fstat(log).st_size
        finally:
            os.close(log)

    def _failure(self, message: str, begin: int, trouble: str = "") -> EmbeddedError:
        """An error with the first complaint in the log since byte `begin`, and the log's place."""
        with self.log.open("rb") as file:
            file.seek(begin)
            trouble = trouble or _first_error(file.read().decode(errors="replace"))
        reason = f": {trouble}" if trouble else ""
        return EmbeddedError(f"{message}{reason} (the log is {self.log}).")


def _first_error(text: str) -> str:
    """The first complaint, which is the cause: what follows it are the consequences."""
    found = re.search(r"(?:FATAL|PANIC|ERROR|error|initdb): +(?!error:)(.+)", text)
    return found[1].strip().rstrip(".") if found else ""


def _environment() -> dict[str, str]:
    """What the programs need of ours: neither Linky's secrets nor a stray PGDATA."""
    kept = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}


def _free_port(wanted: int) -> int | None:
    """`wanted` if nobody listens on it, any for 0; None if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            return None
        port: int = probe.getsockname()[1]
        return port


def _command_line(pid: int) -> str:
    """The command of a process, or "" if there is none."""
    proc = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        return proc.read_bytes().decode(errors="replace") if proc.exists() else ""
    command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
