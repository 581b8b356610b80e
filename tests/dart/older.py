"""A server of the previous release, from its own lock file: a client of this one works with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import Server
from tools import CommandFailed, output_of, releases
from tools.previous_release import worktree_of
from tools.programs import run
from tools.requirements import UV

SECONDS = 600


class NoOlder(Exception):
    """The commit is not in this clone, or its packages can't be had. The message says why."""


@contextmanager
def older_server(folder: Path) -> Iterator[Server]:
    """`linky dev` of its commit, with its demo. Raises NoOlder."""
    commit = releases.last_release().commit
    try:
        output_of("git", "cat-file", "-e", f"{commit}^{{commit}}")
    except CommandFailed:
        raise NoOlder(f"this clone has no commit {commit[:8]}; fetch the whole history") from None
    with worktree_of(commit) as checkout:
        sync = (UV, "sync", "--frozen", "--no-dev", "--quiet", "--project", checkout)
        env = {"UV_PROJECT_ENVIRONMENT": str(checkout / ".venv"), "UV_NO_SYNC": "0"}
        done = run(*sync, seconds=SECONDS, folder=checkout, env=env)
        if done.status != 0:
            raise NoOlder(done.errors.strip()[-2000:])
        program = (str(checkout / ".venv" / "bin" / "linky"), "dev")
        server = Server(folder / "older", program, PYTHONPATH="", VIRTUAL_ENV="")
        try:
            yield server.start()
        finally:
            server.clean_up()
