"""Another commit of this repository, to measure beside this one."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.document import ROOT


@contextmanager
def checkout(revision: str | None) -> Iterator[Path | None]:
    """A worktree of a commit with its own environment, or None. It is removed at the end."""
    if revision is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(
            ["git", "worktree", "add", "--quiet", "--detach", tree, revision], cwd=ROOT, check=True
        )
        try:
            subprocess.run([tree / "dev", "--no-dev", "true"], cwd=tree, env=_outside(), check=True)
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


def _outside() -> dict[str, str]:
    """The environment without our own packages: another checkout brings its own."""
    ours = str(Path(sys.executable).parent)
    places = [place for place in os.environ["PATH"].split(os.pathsep) if place != ours]
    return os.environ | {"PATH": os.pathsep.join(places)}
