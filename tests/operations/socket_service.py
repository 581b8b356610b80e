"""`linky serve` on a socket from systemd, started once for each line on stdin.

Each is a fork of this process, which imports the app once: that takes most of a start. It prints
the id of the service, and its exit status when it has ended. Its argument is the socket's number.
"""

import importlib
import os
import sys

from app.start import main


def serve() -> None:
    os.dup2(2, 1)
    os.dup2(int(sys.argv[1]), 3)
    # systemd names the process to which it gives the socket.
    os.environ["LISTEN_PID"] = str(os.getpid())
    sys.argv = ["linky", "serve"]
    main()


if __name__ == "__main__":
    for name in ("app.cli", "app.cli.server", "app.main"):
        importlib.import_module(name)
    for _ in sys.stdin:
        if (service := os.fork()) == 0:
            serve()
        print(service, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(service, 0)[1]), flush=True)
