"""A real PostgreSQL in a data folder, for development and tests.

Several processes use it at once, in any order, and each may be killed at any moment. So nothing
counts users in a file: a use is a shared lock on `postgres.users`, which the kernel takes back
from whoever dies. The gate, `postgres.gate`, lets one process at a time make, start or stop.
"""

import atexit
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from app.operations.embedded.errors import EmbeddedError, EmbeddedUnavailable
from app.operations.embedded.locks import exclusive, share, try_exclusive
from app.operations.embedded.server import START_SECONDS, STOP_SECONDS, Server

__all__ = ["EmbeddedError", "EmbeddedUnavailable", "acquire", "release"]

GATE_SECONDS = 2 * (START_SECONDS + STOP_SECONDS)
"""Longer than one start and one stop may take, for who waits behind both."""


@dataclass(frozen=True)
class _Use:
    """This process's use of a data folder: the descriptor that holds the shared lock."""

    server: Server
    descriptor: int
    pid: int

    def is_valid(self) -> bool:
        """Whether it is this process's own, of the folder that is there now.

        A fork hands down its parent's; and somebody may have removed the folder and begun anew.
        """
        file = self.server.users_lock
        same = file.exists() and os.path.samestat(file.stat(), os.fstat(self.descriptor))
        return same and self.pid == os.getpid()


_uses: dict[Path, _Use] = {}


def acquire(data_dir: Path) -> str:
    """Have the server of `data_dir` run, and return the SQLAlchemy URL of the database `linky`.

    It blocks, some 2 seconds the very first time. It may be called again: the server is then
    looked after, and started anew if it was killed. Raises EmbeddedUnavailable where there is no
    PostgreSQL, EmbeddedError for anything else, each with one sentence.
    """
    try:
        data_dir = data_dir.resolve()
        data_dir.mkdir(parents=True, exist_ok=True)
        with exclusive(Server(data_dir).gate_lock, GATE_SECONDS):
            return _enter(data_dir)
    except OSError as error:
        raise EmbeddedError(
            f"The data folder {data_dir} cannot be used for the embedded database: "
            f"{error.strerror or error} ({error.filename or data_dir}); "
            "set LINKY_DATA_DIR to another."
        ) from error


def release(data_dir: Path | None = None) -> None:
    """Give up this process's use of `data_dir`, or of all; whoever is the last stops the server.

    It does not raise, and runs by itself when the interpreter ends. A process that is killed has
    given up its uses too, but stops nothing: the server waits for the next user, who adopts it.
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
    server = Server(data_dir)
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
        # Closing our copy of what a fork handed down takes nothing from the parent.
        os.close(invalid.descriptor)
    if not _uses:
        atexit.unregister(release)
        atexit.register(release)
    _uses[use.server.data_dir] = use


def _leave(use: _Use) -> None:
    with exclusive(use.server.gate_lock, GATE_SECONDS):
        if use.is_valid() and try_exclusive(use.descriptor):
            use.server.stop()
