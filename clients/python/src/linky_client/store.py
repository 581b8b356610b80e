"""Where tokens are kept. A program brings its own: the key-chain, a database, a file."""

import os
import platform
import sys
import time
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

STALE_SECONDS = 25.0
"""A lock this old may be taken over: the server bears two refreshes, but only within 30 seconds."""

RUN = uuid.uuid4().hex
"""This process, whose number an earlier one may have had."""


class Store(Protocol):
    """Texts by their keys, and a lock that all processes share which share the store."""

    def read(self, key: str) -> str | None: ...

    def write(self, key: str, value: str) -> None: ...

    def delete(self, key: str) -> None: ...

    def keys(self, prefix: str) -> list[str]: ...

    def try_lock(self, name: str) -> bool:
        """Take the lock if it is free; returns whether it was. Never waits."""
        ...

    def unlock(self, name: str) -> None: ...


class MemoryStore:
    """Forgets everything when the process ends. For tests and scripts."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._locked: set[str] = set()

    def read(self, key: str) -> str | None:
        return self._values.get(key)

    def write(self, key: str, value: str) -> None:
        self._values[key] = value

    def delete(self, key: str) -> None:
        self._values.pop(key, None)

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self._values if key.startswith(prefix))

    def try_lock(self, name: str) -> bool:
        if name in self._locked:
            return False
        self._locked.add(name)
        return True

    def unlock(self, name: str) -> None:
        self._locked.discard(name)


class FileStore:
    """A file for each key, in a folder that only its owner can read.

    A value is replaced in one step, so that a crash leaves the old one or the new one. The lock is
    a file that only one process can create. It names the process: one that is known to have died
    holds nothing. Of one in another container or on another machine that can't be known: its lock
    is taken over when it is old.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, str] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{quote(key, safe='')}.json"

    def read(self, key: str) -> str | None:
        try:
            return self._path(key).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def write(self, key: str, value: str) -> None:
        path = self._path(key)
        part = path.with_suffix(f".{os.getpid()}.{time.monotonic_ns()}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def keys(self, prefix: str) -> list[str]:
        return [key for key in self._all_keys() if key.startswith(prefix)]

    def _all_keys(self) -> Iterator[str]:
        for path in sorted(self._folder.glob("*.json")):
            yield unquote(path.name.removesuffix(".json"))

    def try_lock(self, name: str) -> bool:
        lock, words = self._lock_path(name), _words(uuid.uuid4())
        try:
            descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            _remove_if_stale(lock)
            return False
        with os.fdopen(descriptor, "w") as file:
            file.write(words)
        self._held[name] = words
        return True

    def unlock(self, name: str) -> None:
        """Give the lock back, if no other has taken it over meanwhile."""
        lock, words = self._lock_path(name), self._held.pop(name, "")
        if words and _words_of(lock) == words:
            lock.unlink(missing_ok=True)

    def _lock_path(self, name: str) -> Path:
        return self._folder / f"{quote(name, safe='')}.lock"


def _words(lock_id: uuid.UUID) -> str:
    return f"{os.getpid()} {RUN} {place()} {lock_id}"


@cache
def place() -> str:
    """Where a process has its number: two containers have one process each with the number 1.

    "" if that can't be told.
    """
    if sys.platform == "darwin":
        return platform.node()
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _words_of(lock: Path) -> str:
    try:
        return lock.read_text()
    except OSError:
        return ""


def _remove_if_stale(lock: Path) -> None:
    try:
        # A clock that was set back makes a lock of the future: it is as stale as an old one.
        is_old = abs(time.time() - lock.stat().st_mtime) > STALE_SECONDS
    except FileNotFoundError:
        return
    if is_old or _holder_has_died(_words_of(lock)):
        lock.unlink(missing_ok=True)


def _holder_has_died(words: str) -> bool:
    match words.split():
        case [pid, run, where, _] if pid.isdigit() and where == place():
            return run != RUN if int(pid) == os.getpid() else not _is_alive(int(pid))
    return False  # It is just being written, or its process is one of elsewhere.


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True  # Another user's.
    return True
