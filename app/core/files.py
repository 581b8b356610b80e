"""Small files that several processes may want to make at the same moment."""

import os
import tempfile
from pathlib import Path


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
