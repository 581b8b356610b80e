"""A real PostgreSQL in a data folder, for development and tests.

Several processes may use it at once, and each may be killed at any moment. A counter of users in a
file would then be wrong. So each process that uses the server has a shared lock on
`postgres.users`, and the kernel releases it when the process ends, however it ends. A second lock,
the gate (`postgres.gate`), lets only one process at a time make, start or stop the server.
"""

import atexit
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from app.operations.embedded.errors import EmbeddedError
from app.operations.embedded.locks import exclusive, share, try_exclusive
from app.operations.embedded.server import START_SECONDS, STOP_SECONDS, EmbeddedServer

GATE_SECONDS = 2 * (START_SECONDS + STOP_SECONDS)
"""Longer than one start and one stop take together: a process may wait for both."""


@dataclass(frozen=True)
class _Use:
    """This process's use of a data folder, with the file descriptor that has the shared lock."""

    server: EmbeddedServer
    descriptor: int
    pid: int

    def is_valid(self) -> bool:
        """Whether this process took the lock itself, in the folder that exists now.

        A forked child inherits the lock of its parent. And the folder may have been removed, and
        made again by another process.
        """
        file = self.server.users_lock
        is_same = file.exists() and os.path.samestat(file.stat(), os.fstat(self.descriptor))
        return is_same and self.pid == os.getpid()


_uses: dict[Path, _Use] = {}


def acquire(data_dir: Path) -> str:
    """Start the server of `data_dir` if needed; return the SQLAlchemy URL of the database `linky`.

    Blocks, some 2 seconds the first time. A later call checks the server, and starts it again if it
    was killed. Raises EmbeddedUnavailable if this machine has no PostgreSQL, and EmbeddedError for
    all other failures, each with one sentence.
    """
    try:
        data_dir = data_dir.resolve()
        data_dir.mkdir(parents=True, exist_ok=True)
        with exclusive(EmbeddedServer(data_dir).gate_lock, GATE_SECONDS):
            return _enter(data_dir)
    except OSError as error:
        raise EmbeddedError(
            f"The data folder {data_dir} cannot be used for the embedded database: "
            f"{error.strerror or error} ({error.filename or data_dir}); "
            "set LINKY_DATA_DIR to another."
        ) from error


def release(data_dir: Path | None = None) -> None:
    """End this process's use of `data_dir`, or of all folders. The last user stops the server.

    It never raises, and runs automatically when the interpreter ends. A killed process loses its
    locks but stops nothing: the server runs on, and the next process uses it.
    """
    folders = list(_uses) if data_dir is None else [data_dir.resolve()]
    for use in filter(None, (_uses.pop(folder, None) for folder in folders)):
        with contextlib.suppress(OSError, EmbeddedError):
            if use.is_valid():
                _leave(use)
        os.close(use.descriptor)


def _enter(data_dir: Path) -> str:
    known = _uses.get(data_dir)
    if known and known.is_valid():
        return known.server.ensure()
    server = EmbeddedServer(data_dir)
    descriptor = share(server.users_lock)
    try:
        url = server.ensure()
    except BaseException:
        os.close(descriptor)
        raise
    _remember(_Use(server, descriptor, os.getpid()), known)
    return url


def _remember(use: _Use, invalid: _Use | None) -> None:
    if invalid:
        # This closes our copy of the inherited descriptor. The parent keeps its lock.
        os.close(invalid.descriptor)
    if not _uses:
        atexit.unregister(release)
        atexit.register(release)
    _uses[use.server.data_dir] = use


def _leave(use: _Use) -> None:
    with exclusive(use.server.gate_lock, GATE_SECONDS):
        if use.is_valid() and try_exclusive(use.descriptor):
            use.server.stop()
