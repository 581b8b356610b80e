"""Runs a program that must end: with all that it started, after so many seconds at most."""

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT


class TookTooLong(Exception):
    pass


@dataclass(frozen=True)
class Ended:
    status: int
    output: str
    errors: str


def run(
    *command: str | Path, seconds: float, folder: Path = ROOT, env: Mapping[str, str] | None = None
) -> Ended:
    """Run a program in a process group of its own. After `seconds`, kill the whole group."""
    # Files, not pipes: what outlives the kill and holds a pipe would make us wait for it.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - the callers write the commands out.
            command,
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TookTooLong(f"{Path(command[0]).name} took longer than {seconds:g} s") from None
        finally:
            _kill_group(process)
        output.seek(0)
        errors.seek(0)
        return Ended(status, output.read().decode(), errors.read().decode())


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group: also after Ctrl-C, and what an ended program left behind."""
    # The group may be empty. macOS says "not permitted" then.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
