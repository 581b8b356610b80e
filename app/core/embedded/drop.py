"""A program of its own, run by root: become another user, then run the given command.

    python -I -S drop.py UID GID (reach|plain) COMMAND...

`reach` keeps one capability, CAP_DAC_OVERRIDE: the command may then walk through folders that
are closed to the user, such as /root or the folders of pytest. The other way would be to open
these folders to everybody, for good.
"""

import ctypes
import os
import sys

PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def main() -> None:
    uid, gid, how, *command = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    os.setgroups([])
    os.setgid(int(gid))
    if how == "reach":
        _check(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setuid(int(uid))
    if how == "reach":
        _keep_reach(libc)
    os.execv(command[0], command)


def _keep_reach(libc: ctypes.CDLL) -> None:
    """Hold CAP_DAC_OVERRIDE alone, and hand it on to what is executed (capabilities(7))."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable
    _check(libc.capset(header, sets))
    _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"FATAL:  root cannot hand over to another user: {error.strerror}")
