"""Small files: those that several processes may want to make at once, and those with a secret."""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator


def write_once(path: Path, content: str) -> str:
    """Write `content` to `path` unless it exists; return what it holds, whoever wrote it.

    The file is readable by its owner only. Of several processes at once one wins: a hard link
    is made whole or not at all, and never replaces a file.
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


@dataclass(frozen=True, slots=True)
class FileInMemory:
    """What a file would hold, for a key that comes from a secret store and is on no disk."""

    content: str = field(repr=False)

    def read_bytes(self) -> bytes:
        return self.content.encode()


def _path_or_content(value: object) -> object:
    """JSON and PEM are told by how they begin: no path begins so."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "-----BEGIN")):
        return FileInMemory(value)
    return value


SecretFile = Annotated[Path | FileInMemory, BeforeValidator(_path_or_content)]
"""A key in a file: its path, or what it holds (JSON or PEM) where a secret store gives it."""
