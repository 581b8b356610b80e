"""`make test-host`: the host for real. A machine is built, booted, installed, broken and mended."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tools import ROOT

DOMAIN = "api.linky.test"
EMAIL = "operator@linky.test"


class Failed(Exception):
    """What was expected and what was found instead."""


class CannotRun(Exception):
    """This machine can't do it, and what would be needed."""


def sh(
    *command: str | Path,
    seconds: float = 120,
    env: dict[str, str] | None = None,
    cwd: Path = ROOT,
    stdin: str = "",
) -> str:
    """What a program writes. Raises Failed with the end of what it said."""
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
    """A program, run to its end whatever that is; both its outputs in one."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | (env or {}),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
    )


def until(what: str, condition: Callable[[], bool], seconds: float) -> float:
    """Poll until it is so; how long it took. Raises Failed."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise Failed(f"{what}: not within {seconds:g} s")
        time.sleep(0.2)
    return time.monotonic() - begun
