"""A small program for root: it becomes another user, then runs the given command.

    python -I -S drop.py UID GID (reach|plain) COMMAND...

`reach` keeps one capability, which lets the command use files in folders that the user may not
enter, such as /root or pytest's folders. No folder needs other permissions for that.

Having the capability is not enough. access(2) ignores it for a user other than root, and PostgreSQL
looks for its own programs by access(2). The securebit NO_SETUID_FIXUP tells the kernel that this
process manages its capabilities itself; access(2) then respects them (capabilities(7)).
"""

import ctypes
import errno
import os
import sys

PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
REACHING = (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE)
"""The weaker one first: it may read and enter, not write. Root in Docker only has the second."""

CAPABILITY_VERSION_3 = 0x20080522


def main() -> None:
    uid, gid, how, *command = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    os.setgroups([])
    os.setgid(int(gid))
    if how == "reach":
        # This also keeps setuid() from clearing the capabilities. _keep_reach() drops all but one.
        _check(libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setuid(int(uid))
    if how == "reach":
        _keep_reach(libc)
    os.execv(command[0], command)


def _keep_reach(libc: ctypes.CDLL) -> None:
    """Keeps one capability, the weakest that is there, and passes it on to the command."""
    kept = next((capability for capability in REACHING if _keep_only(libc, capability)), None)
    if kept is None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
    _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept, 0, 0))


def _keep_only(libc: ctypes.CDLL, capability: int) -> bool:
    """Drop all other capabilities. Returns False, and drops nothing, if root lacks this one."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable
    return bool(libc.capset(header, sets) == 0)


def _check(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


if __name__ == "__main__":
    try:
        main()
    except (OSError, AttributeError) as error:  # Only Linux has prctl().
        reason = getattr(error, "strerror", None) or "only Linux can"
        sys.exit(
            f"FATAL:  root cannot hand over to the user that runs PostgreSQL ({reason}): "
            "start Linky as an ordinary user, or set LINKY_DATABASE_URL"
        )
