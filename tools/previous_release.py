"""Tests the previous release on the new schema: `python -m tools.previous_release [ARGS]`.

A deploy migrates before it restarts the app, and a rollback keeps the new migrations. So the tests
of the last release must pass on a database that this checkout migrated.
They run in a worktree of its commit, with its own dependencies. ARGS are pytest's.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from app.core import migrations
from tools import ROOT, CommandFailed, output_of
from tools.releases import NoRelease, last_release

MIGRATIONS = "migrations"

CHOSEN = ("-m", "in_process", "--ignore=tests/architecture")
"""Level 1, without the tests of the schema itself. In an older release their results say nothing
about a newer schema, and those of whole servers and files hardly more.
"""


@contextmanager
def worktree_of(commit: str) -> Iterator[Path]:
    """Removes the checkout afterwards."""
    with tempfile.TemporaryDirectory(prefix="linky-release-") as folder:
        # If root runs the tests, PostgreSQL runs as another user, who must reach its programs here.
        Path(folder).chmod(0o755)
        path = Path(folder) / "linky"
        output_of("git", "worktree", "add", "--detach", path, commit)
        try:
            yield path
        finally:
            output_of("git", "worktree", "remove", "--force", path)


def copy_without_contracts(folder: Path) -> None:
    """This checkout, without the migrations that wait until the last release serves nowhere."""
    needed = {each.revision for each in migrations.newest_first()}
    for each in migrations.newest_first():
        if each.revision == migrations.needed():
            break
        needed.remove(each.revision)
    ours = folder / MIGRATIONS
    shutil.copytree(ROOT / MIGRATIONS, ours, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (ours / "versions").glob("*.py"):
        if file.name.partition("_")[0] not in needed:
            file.unlink()
    for path in ROOT.iterdir():
        if path.name != MIGRATIONS:
            (folder / path.name).symlink_to(path)


def run_its_tests(checkout: Path, schema: Path, arguments: Sequence[str]) -> int:
    """Run the tests of another checkout on a newer schema. Returns pytest's exit status."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment["SCHEMA_OF"] = str(schema)
    # Its ./dev looks for a Python with pip, which the Python of this environment lacks.
    ours = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "").split(os.pathsep)
    environment["PATH"] = os.pathsep.join(part for part in path if part != ours)
    done = subprocess.run(  # noqa: S603 - the checkout's own tests.
        ["./dev", "pytest", *CHOSEN, *arguments],
        cwd=checkout,
        env=environment,
        check=False,
    )
    return done.returncode


def main(arguments: Sequence[str]) -> int:
    """Returns 0 if the tests pass."""
    try:
        release = last_release()
        with worktree_of(release.commit) as checkout:
            schema = checkout.parent / "schema"
            schema.mkdir()
            copy_without_contracts(schema)
            typer.echo(f"The tests of {release.version}, on the schema of this checkout:")
            return run_its_tests(checkout, schema, arguments)
    except (NoRelease, CommandFailed) as error:
        typer.echo(f"FAILED: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
