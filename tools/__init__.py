"""Development tools, such as the checks of `make check`."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


class CommandFailed(Exception):
    """A program failed. The message is its output."""


def output_of(*command: str | Path) -> str:
    """Run a program in the checkout, with the settings of `.env` only. Returns its output."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("LINKY_")}
    done = subprocess.run(  # noqa: S603 - the commands are written out by the callers.
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CommandFailed(done.stderr.strip() or done.stdout.strip())
    return done.stdout
