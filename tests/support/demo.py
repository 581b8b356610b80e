"""The demo community, seeded once a run and copied for each server."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.command_line import linky_here
from tests.support.database import fresh_database, make_template, one_at_a_time
from tests.support.server import environment
from tests.support.world import token

TEMPLATE = "demo"


@contextmanager
def demo_database(server_url: str, shared_folder: Path, data_dir: Path) -> Iterator[str]:
    """The URL of a database with the community. Its files are put into the data folder."""
    original = shared_folder / "demo"
    with one_at_a_time(shared_folder / "demo.lock"):
        if not original.exists():
            part = shared_folder / "demo.part"
            _seed(server_url, part)
            part.rename(original)
    shutil.copytree(original, data_dir)
    with fresh_database(server_url, f"dev_{token()}", TEMPLATE) as url:
        yield url


def _seed(server_url: str, data_dir: Path) -> None:
    with fresh_database(server_url, f"seeded_{token()}") as url:
        # In this process: it may have the pictures already.
        seeded = linky_here(["seed"], environment(data_dir, LINKY_DATABASE_URL=url))
        assert seeded.returncode == 0, seeded.stderr
        asyncio.run(make_template(url, TEMPLATE))
