"""`linky` in tests: inside the test process, which is fast, or as a process of its own."""

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Protocol
from unittest.mock import patch

from typer.testing import CliRunner

from app.cli import main
from app.core.logging import configure_logging
from app.core.passwords.hashing import PasswordHasher
from app.operations import embedded
from tests.support.people import LOWEST_COST
from tests.support.preloaded import IS_POSSIBLE, QUICK_PROGRAM, PreloadedProcess
from tests.support.server import LINKY, ROOT, run
from tests.support.waiting import HANG_SECONDS


def linky_here(
    arguments: Sequence[str], environment: Mapping[str, str], *, stdin: str = ""
) -> CompletedProcess[str]:
    """Run `linky` in this process, from its settings to its exit status.

    It takes some 10 ms. A process of its own takes over a second, most of it for the imports.
    Passwords are hashed at the lowest cost.
    """
    try:
        with (
            CliRunner().isolation(stdin, environment) as (out, err, _),
            patch.object(sys, "argv", ["linky", *arguments]),
            patch.object(PasswordHasher.__init__, "__defaults__", (LOWEST_COST,)),
        ):
            status = _exit_status(environment)
            sys.stdout.flush()
            sys.stderr.flush()
            output, errors = out.getvalue().decode(), err.getvalue().decode()
    finally:
        # The command logged to the stream that is closed now.
        configure_logging("warning", as_json=True)
    return CompletedProcess(list(arguments), status, output, errors)


def linky_forked(
    arguments: Sequence[str],
    environment: dict[str, str],
    folder: Path,
    *,
    program: str = QUICK_PROGRAM,
    command: str = LINKY,
) -> CompletedProcess[str]:
    """Run `linky`, or `program`, in a process that has imported the app already, if that can be.

    All that it prints then counts as its errors. It works in the checkout, so not if a developer's
    `.env` is there: then `command` starts in `folder` from the beginning.
    """
    if not IS_POSSIBLE or (ROOT / ".env").exists():
        return run([command, *arguments], environment, cwd=folder)
    output = folder / "output"
    with output.open("wb") as file:
        process = PreloadedProcess(arguments, environment, file, program=program)
    try:
        status = process.wait(HANG_SECONDS)
    finally:
        process.send_signal(signal.SIGKILL)
    return CompletedProcess(list(arguments), status, "", output.read_text())


def _exit_status(environment: Mapping[str, str]) -> int:
    """Does what the interpreter does for `sys.exit`: a sentence goes to stderr, with status 1."""
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    finally:
        # A process does this at its end.
        embedded.release(Path(environment["LINKY_DATA_DIR"]))
    return 0


class Linky(Protocol):
    """Runs `linky` with these arguments and settings, until it ends."""

    def __call__(
        self, *arguments: str, stdin: str = "", **settings: str
    ) -> subprocess.CompletedProcess[str]: ...


def refused(result: subprocess.CompletedProcess[str], *words: str, secret: str = "geheim") -> None:
    """Check for exit status 1 and one sentence on stderr with these words and without `secret`."""
    seen = f"{result.returncode}: {result.stderr}\n{result.stdout}"
    assert result.returncode == 1, seen
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("linky: "), seen
    for word in words:
        assert word in sentence, seen
    assert "Traceback" not in seen
    assert secret not in seen
