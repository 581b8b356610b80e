"""`make test-host`: boots a real machine, installs Linky on it, breaks it and repairs it."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tools import ROOT

DOMAIN = "api.linky.test"
EMAIL = "operator@linky.test"


PATIENCE = 10
"""Every limit is so many times as long as a quiet machine needs: only what hangs reaches it."""


class Failed(Exception):
    """An expectation failed. The message says what happened instead."""


class CannotRun(Exception):
    """The test can't run on this machine. The message says what it needs."""


def sh(
    *command: str | Path,
    seconds: float = 120,
    env: dict[str, str] | None = None,
    cwd: Path = ROOT,
    stdin: str = "",
) -> str:
    """Run a program, and return its output. Raises Failed with the end of the output."""
    done = attempt(*command, seconds=seconds, env=env, cwd=cwd, stdin=stdin)
    if done.returncode != 0:
        words = " ".join(str(word) for word in command)
        raise Failed(f"`{words[:200]}` ended with {done.returncode}: {done.stdout[-1500:]}")
    return done.stdout


def attempt(
    *command: str | Path,
    seconds: float = 120,
    env: dict[str, str] | None = None,
    cwd: Path = ROOT,
    stdin: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run a program, whether it succeeds or not. `stdout` has both its outputs."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | (env or {}),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=seconds * PATIENCE,
        check=False,
    )


def until(what: str, condition: Callable[[], bool], seconds: float) -> float:
    """Poll until the condition is true. Returns the seconds that it took. Raises Failed."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds * PATIENCE:
            raise Failed(f"{what}: not within {seconds * PATIENCE:g} s")
        time.sleep(0.2)
    return time.monotonic() - started
