"""The account that runs the server: our own or, for root, another: PostgreSQL refuses root."""

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
class ServerAccount:
    """Another user that runs the server. None instead of an Account means our own user."""

    uid: int
    gid: int

    def prefix(self, paths: Iterable[Path]) -> list[str]:
        """The words before a command that this account runs. The command uses `paths`."""
        how = "plain" if all(map(self._can_reach, paths)) else "reach"
        return [sys.executable, "-I", "-S", drop.__file__, str(self.uid), str(self.gid), how]

    def _can_reach(self, path: Path) -> bool:
        """Whether this account may enter the path and all folders above it.

        Symbolic links are resolved first: `.venv` may be a link into a closed folder.
        """
        path = path.resolve()
        return all(map(self._may_pass, (path, *path.parents)))

    def _may_pass(self, path: Path) -> bool:
        entry = path.stat()
        needed = stat.S_IXUSR if entry.st_uid == self.uid else stat.S_IXOTH
        return bool(entry.st_mode & needed)


def choose_account(data_dir: Path, cluster: Path) -> ServerAccount | None:
    """None for an ordinary user. For root the owner of the data folder, or the user `nobody`.

    The owner comes first, so that after `sudo make run` in a developer's checkout the developer
    can still use all files.
    """
    if os.geteuid() != 0:
        if not cluster.exists():
            _ensure_name(os.geteuid())
        return None
    if cluster.exists():
        owner = cluster.stat()
        return ServerAccount(owner.st_uid, owner.st_gid)
    owner = data_dir.stat()
    if owner.st_uid != 0 and _is_known(owner.st_uid):
        return ServerAccount(owner.st_uid, owner.st_gid)
    return _nobody()


def _nobody() -> ServerAccount:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and there is no user `nobody` to run it: "
            "start Linky as an ordinary user, or set LINKY_DATABASE_URL."
        ) from None
    return ServerAccount(entry.pw_uid, entry.pw_gid)


def _ensure_name(uid: int) -> None:
    """Raises EmbeddedError if the user has no name, as in some containers: initdb needs it."""
    if not _is_known(uid):
        raise EmbeddedError(
            f"PostgreSQL's initdb needs a user with a name, and user {uid} has none: add one to "
            "/etc/passwd, or set LINKY_DATABASE_URL."
        )


def _is_known(uid: int) -> bool:
    """Whether the user has a name. The owner of a volume in a container may have none."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
