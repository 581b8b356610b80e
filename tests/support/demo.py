"""`linky dev` with the demo community, which is seeded once a run and copied for each server."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.command_line import linky_here
from tests.support.database import fresh_database, make_template, one_at_a_time
from tests.support.proxy import Proxy
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server, environment
from tests.support.world import token

type Site = tuple[Server, Proxy]

TEMPLATE = "demo"


@contextmanager
def demo_server(
    server_url: str, shared_folder: Path, folder: Path, **settings: str
) -> Iterator[Server]:
    """`linky dev` with the demo community."""
    with demo_database(server_url, shared_folder, folder / "data") as url:
        # A developer may sit behind a proxy, which can't reach this machine.
        # The tests' own process goes past proxies (`conftest.py`), which must not help this one.
        proxy = {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "example.com", "no_proxy": ""}
        server = Server(
            folder / "data", (*QUICK_LINKY, "dev"), LINKY_DATABASE_URL=url, **proxy, **settings
        )
        try:
            yield server.start()
        finally:
            server.clean_up()


@contextmanager
def demo_behind_a_proxy(server_url: str, shared_folder: Path, folder: Path) -> Iterator[Site]:
    """`linky dev` with the demo, behind a proxy that can cut and stall its connections."""
    with (
        Proxy(0) as proxy,
        demo_server(server_url, shared_folder, folder, LINKY_PUBLIC_URL=proxy.url) as server,
    ):
        proxy.target = server.port
        yield server, proxy


@contextmanager
def demo_database(server_url: str, shared_folder: Path, data_dir: Path) -> Iterator[str]:
    """The community's files are put into the data folder."""
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
