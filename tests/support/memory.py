"""A folder in memory for the files of a run: a third of what a database's files cost is the disk.

The tests' database lies in it, and the folders that pytest gives to tests (`tmp_path`), with the
servers and repositories that tests make there. Linux has `/dev/shm`. Elsewhere, or where it has
little room, all of it lies on the disk.
"""

import os
import shutil
import tempfile
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
ROOM = 3 * 2**30
"""Bytes that must be free. A run uses less than half of them, as a test that passed leaves nothing
(`tmp_path_retention_policy`)."""

_PREFIX = "linky-"
"""Short, as the path of a Unix socket has at most 107 bytes."""

_VARIABLE = "TESTS_IN_MEMORY"


def make_memory_folder() -> None:
    """Make this run's folder, for all of its processes, and delete those of runs that were killed.

    For the process that starts the others: they find the folder by `memory_folder`.
    """
    if not SHARED_MEMORY.is_dir():
        return
    _delete_left_over()
    if shutil.disk_usage(SHARED_MEMORY).free >= ROOM:
        made = tempfile.mkdtemp(dir=SHARED_MEMORY, prefix=f"{_PREFIX}{os.getpid()}-")
        os.environ[_VARIABLE] = made


def memory_folder() -> Path | None:
    made = os.environ.get(_VARIABLE)
    return Path(made) if made else None


def delete_memory_folder() -> None:
    if (folder := memory_folder()) is not None:
        del os.environ[_VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)


def _delete_left_over() -> None:
    for folder in SHARED_MEMORY.glob(f"{_PREFIX}*"):
        maker = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if maker.isdigit() and not Path("/proc", maker).exists():
            shutil.rmtree(folder, ignore_errors=True)
