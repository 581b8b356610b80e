"""Who runs the server: we ourselves or, since PostgreSQL refuses root, somebody else for root."""

import os
import pwd
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.operations.embedded import drop
from app.operations.embedded.errors import EmbeddedError


@dataclass(frozen=True)
class Account:
    """A user that the server runs as; `None` in place of one is the user that we are."""

    uid: int
    gid: int

    def prefix(self, paths: Iterable[Path]) -> list[str]:
        """What is put before a command that this account is to run, and that uses `paths`."""
        how = "plain" if all(map(self._can_reach, paths)) else "reach"
        return [sys.executable, "-I", "-S", drop.__file__, str(self.uid), str(self.gid), how]

    def _can_reach(self, path: Path) -> bool:
        """Whether no folder on the way, nor the path itself, is closed to this account.

        The way is the one without symbolic links: `.venv` may be a link into a closed folder.
        """
        path = path.resolve()
        return all(map(self._may_pass, (path, *path.parents)))

    def _may_pass(self, path: Path) -> bool:
        entry = path.stat()
        needed = stat.S_IXUSR if entry.st_uid == self.uid else stat.S_IXOTH
        return bool(entry.st_mode & needed)


def choose_account(data_dir: Path, cluster: Path) -> Account | None:
    """None for an ordinary user; for root the owner of the data, or else `nobody`.

    The owner comes first so that `sudo make run` in somebody's checkout leaves nothing behind
    that they could not use themselves.
    """
    if os.geteuid() != 0:
        if not cluster.exists():
            _ensure_name(os.geteuid())
        return None
    if cluster.exists():
        owner = cluster.stat()
        return Account(owner.st_uid, owner.st_gid)
    owner = data_dir.stat()
    if owner.st_uid != 0 and _is_known(owner.st_uid):
        return Account(owner.st_uid, owner.st_gid)
    return _nobody()


def _nobody() -> Account:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and there is no user nobody to run it: "
            "start Linky as an ordinary user, or set LINKY_DATABASE_URL."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def _ensure_name(uid: int) -> None:
    """Raises EmbeddedError in a container that runs as a bare user id: initdb asks for the name."""
    if not _is_known(uid):
        raise EmbeddedError(
            f"PostgreSQL's initdb needs a user with a name, and user {uid} has none: add one to "
            "/etc/passwd, or set LINKY_DATABASE_URL."
        )


def _is_known(uid: int) -> bool:
    """initdb refuses a user without a name, such as the owner of what a container mounts."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
