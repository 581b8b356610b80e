"""The folder of a community that is imported. Somebody else may have written it.

Nothing here leaves the folder: no link is followed, at no step of a path, and only plain files are
opened. What is read has a bound.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from errno import ELOOP, ENOTDIR, ENXIO
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO

LONGEST_LINE = 16 * 1024 * 1024
"""In bytes. A row with several versions of a long post has some 100 KB."""

SHOWN = 100
"""Letters of a name in the folder that are shown. It may be anything."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# A pipe would else wait for somebody who writes.
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_NOT_PLAIN = (ELOOP, ENOTDIR, ENXIO)


class CantMove(Exception):
    """Why a community can't be exported or imported, for the operator."""


class Archive:
    """Names are those of files in the folder, with `/` between the parts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, name: str) -> bool:
        return os.path.lexists(self._folder / name)

    def read(self, name: str, most: int) -> bytes:
        """Raises CantMove if the file has more than `most` bytes; OSError."""
        with self.open(name) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise CantMove(f"{_shown(name)} has more than {most} bytes")
        return content

    def lines(self, name: str) -> Iterator[tuple[int, bytes]]:
        """The lines with their numbers, from 1. Raises CantMove, OSError."""
        with self.open(name) as file:
            number = 0
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise CantMove(f"{name}, line {number} has more than {LONGEST_LINE} bytes")
                yield number, line

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Raises CantMove unless it is a plain file, OSError."""
        *folders, last = name.split("/")
        with ExitStack() as stack:
            try:
                place = os.open(self._folder, _FOLDER)
                stack.callback(os.close, place)
                for part in folders:
                    place = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=place)
                    stack.callback(os.close, place)
                handle = os.open(last, _FILE | os.O_NOFOLLOW, dir_fd=place)
            except OSError as error:
                if error.errno in _NOT_PLAIN:
                    raise _not_plain(name) from None
                raise
            if not S_ISREG(os.fstat(handle).st_mode):
                os.close(handle)
                raise _not_plain(name)
            yield stack.enter_context(os.fdopen(handle, "rb"))

    def names(self, part: str) -> list[str]:
        """Those of all files in a folder of the folder and in those below it, sorted.

        None if there is no such folder: some programs copy no empty ones. Raises CantMove for
        anything that is no plain file, such as a link; OSError.
        """
        if not self.has(part):
            return []
        top = self._folder / part
        if not S_ISDIR(top.lstat().st_mode):
            raise _not_plain(part)
        found = []
        for at, folders, files, handle in os.fwalk(top, onerror=_raise):
            place = Path(at).relative_to(self._folder).as_posix()
            for name in folders:
                if not S_ISDIR(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
                    raise _not_plain(f"{place}/{name}")
            for name in files:
                if not S_ISREG(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
                    raise _not_plain(f"{place}/{name}")
                found.append(f"{place}/{name}")
        return sorted(found)


def _raise(error: OSError) -> None:
    raise error


def _not_plain(name: str) -> CantMove:
    return CantMove(f"{_shown(name)} is not a plain file; links are not followed")


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in name)[:SHOWN]
