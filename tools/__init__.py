"""What `make check` and `make requirements` run."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


class CommandFailed(Exception):
    """A program ended with an error. The message is what it said."""


def output_of(*command: str | Path) -> str:
    """What a program writes, run in the checkout, with the settings of `.env` and no others."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("LINKY_")}
    done = subprocess.run(  # noqa: S603 - the commands are written out by the callers.
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CommandFailed(done.stderr.strip() or done.stdout.strip())
    return done.stdout
