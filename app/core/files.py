"""Small files: made by several processes at once, or with a secret in them."""

import errno
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator


def write_once(path: Path, content: str) -> str:
    """Write `content` to `path` unless the file exists. Return what the file has in the end.

    Only the owner can read the file. Of several processes at the same time one wins: a hard link is
    made whole or not at all, and never replaces a file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        try:
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    return path.read_text(encoding="utf-8")


def ensure_writable(folder: Path) -> None:
    """Make the folder if it is missing, and write into it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


_NOT_FOR_FOLDERS = {errno.EINVAL, errno.EBADF, errno.ENOTSUP}


def sync(path: Path) -> None:
    """Write a file or a folder to the disk. The names in a folder are a part of the folder.

    Some file systems, such as shared folders of virtual machines, refuse it for folders. There is
    no other way to ask for it, so that is no error. Raises OSError for all else.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOT_FOR_FOLDERS or not path.is_dir():
            raise
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """Writes the file whole or not at all. Raises OSError."""
    handle, written = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(written).replace(path)


@dataclass(frozen=True, slots=True)
class FileInMemory:
    """Replaces a file, for a key from a secret store that is on no disk."""

    content: str = field(repr=False)

    def read_bytes(self) -> bytes:
        return self.content.encode()


def _path_or_content(value: object) -> object:
    """JSON and PEM are recognised by their beginning: no path begins like that."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "-----BEGIN")):
        return FileInMemory(value)
    return value


SecretFile = Annotated[Path | FileInMemory, BeforeValidator(_path_or_content)]
"""A key in a file: the path, or the content (JSON or PEM) if a secret store gives it."""
