"""File locks that the kernel releases when their process ends, however it ends: flock(2).

A lock belongs to the open file, not to the process. So two descriptors of one file exclude each
other even in one process, and a child that inherits a descriptor has the lock too.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.operations.embedded.errors import EmbeddedError

POLL_SECONDS = 0.01


def open_private(path: Path, flags: int) -> int:
    """Open or create a file that only the owner of its folder may read. Returns the descriptor.

    It never follows a symbolic link: root may be using a folder that belongs to another user.
    """
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    owner = path.parent.stat()
    if os.geteuid() == 0 and os.fstat(descriptor).st_uid != owner.st_uid:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def share(path: Path) -> int:
    """Take a shared lock. Returns the descriptor, which has the lock until it is closed."""
    descriptor = open_private(path, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def try_exclusive(descriptor: int) -> bool:
    """Take the exclusive lock if it is free. If not, a shared lock that we had is lost."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def try_open_exclusive(path: Path) -> int | None:
    """Returns the locked descriptor, or None if another process has a lock."""
    descriptor = open_private(path, os.O_RDWR)
    if try_exclusive(descriptor):
        return descriptor
    os.close(descriptor)
    return None


@contextmanager
def exclusive(path: Path, seconds: float) -> Iterator[None]:
    """Have the exclusive lock in the block. Raises EmbeddedError if it is not free in time."""
    deadline = time.monotonic() + seconds
    while (descriptor := try_open_exclusive(path)) is None:
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Another process has been starting or stopping the embedded database in "
                f"{path.parent} for more than {seconds:.0f} seconds."
            )
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        os.close(descriptor)
