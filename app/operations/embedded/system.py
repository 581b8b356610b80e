"""Helpers on processes, ports, files and messages for the embedded server."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from app.operations.embedded.locks import POLL_SECONDS

HOST = "127.0.0.1"


def first_error(text: str) -> str:
    """The first error message in a log or an output. Later messages are its consequences."""
    match = re.search(r"(?:FATAL|PANIC|ERROR|error|initdb): +(?!error:)(.+)", text)
    return match[1].strip().rstrip(".") if match else ""


def program_environment() -> dict[str, str]:
    """The environment of PostgreSQL's programs: without Linky's secrets, and without PGDATA."""
    kept = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}


def free_port(wanted: int) -> int | None:
    """Returns `wanted` if that port is free, else None. For 0 any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            return None
        port: int = probe.getsockname()[1]
        return port


def command_line(pid: int) -> str:
    """ "" if there is no such process."""
    proc = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        return proc.read_bytes().decode(errors="replace") if proc.exists() else ""
    command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll until the condition is true. False if it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
