"""Where the offline copy is kept. What is saved together is there together, or not at all."""

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

SLACK_BYTES = 256 * 1024
"""A file is written again when it is this much longer than four times what it holds."""


class CopyStore(Protocol):
    """Texts by their keys. Only one client may have a store open.

    What fails raises an OSError: `AsyncLive` tries again.
    """

    def read_all(self) -> dict[str, str]: ...

    def apply(self, put: Mapping[str, str], delete: Collection[str]) -> None:
        """Save both, in one step: after a crash all of it is there, or nothing of it."""
        ...

    def clear(self) -> None: ...


class MemoryCopyStore:
    """Forgets everything when the process ends."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def read_all(self) -> dict[str, str]:
        return dict(self._values)

    def apply(self, put: Mapping[str, str], delete: Collection[str]) -> None:
        for key in delete:
            self._values.pop(key, None)
        self._values.update(put)

    def clear(self) -> None:
        self._values.clear()


class FileCopyStore:
    """A file with a line for each step, which only its owner can read.

    A step counts once its line is whole. What follows a broken line is dropped: the copy is then
    what it was some steps before, and its cursor is as old as its data.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sizes: dict[str, int] = {}
        self._length = 0
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def read_all(self) -> dict[str, str]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            data = b""
        values: dict[str, str] = {}
        for line in data.splitlines(keepends=True):
            step = _step_in(line)
            if step is None:
                break
            for key in step[1]:
                values.pop(key, None)
            values.update(step[0])
        self._sizes = {key: len(key) + len(value.encode()) for key, value in values.items()}
        self._write_anew(values)  # Also removes a broken line: the next one must not join it.
        return values

    def apply(self, put: Mapping[str, str], delete: Collection[str]) -> None:
        for key in delete:
            self._sizes.pop(key, None)
        self._sizes.update({key: len(key) + len(value.encode()) for key, value in put.items()})
        line = _line(put, delete)
        with os.fdopen(
            os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab"
        ) as file:
            file.write(line)
        self._length += len(line)
        if self._length > 4 * sum(self._sizes.values()) + SLACK_BYTES:
            self.read_all()

    def clear(self) -> None:
        self._sizes, self._length = {}, 0
        self._path.unlink(missing_ok=True)

    def _write_anew(self, values: Mapping[str, str]) -> None:
        part = self._path.with_suffix(".part")
        line = _line(values, ()) if values else b""
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)
        self._length = len(line)


def _line(put: Mapping[str, str], delete: Collection[str]) -> bytes:
    return json.dumps([dict(put), list(delete)], ensure_ascii=False).encode() + b"\n"


def _step_in(line: bytes) -> tuple[dict[str, str], list[str]] | None:
    """The step in a line, or None if the line is not whole."""
    if not line.endswith(b"\n"):
        return None
    try:
        put, delete = json.loads(line)
    except ValueError:
        return None
    return put, delete
