"""Where tokens and drafts are kept. An app brings its own: the key-chain, a database, a file."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

STALE_SECONDS = 60.0
"""A lock this old was left by a process that died."""


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
    a file that only one process can create.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
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
        lock = self._folder / f"{quote(name, safe='')}.lock"
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            self._remove_if_stale(lock)
            return False
        return True

    def unlock(self, name: str) -> None:
        (self._folder / f"{quote(name, safe='')}.lock").unlink(missing_ok=True)

    @staticmethod
    def _remove_if_stale(lock: Path) -> None:
        try:
            stale = time.time() - lock.stat().st_mtime > STALE_SECONDS
        except FileNotFoundError:
            return
        if stale:
            lock.unlink(missing_ok=True)
