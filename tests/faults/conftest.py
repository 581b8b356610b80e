"""A whole server with a PostgreSQL of its own, people who use it, and something that breaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.operations import embedded
from tests.faults.fault_server import House, StartOfServer
from tests.support.installation import copy_installation
from tests.support.proxy import Proxy


@pytest.fixture
def settings_of_house() -> dict[str, str]:
    return {}


@pytest.fixture
def start(settings_of_house: dict[str, str]) -> StartOfServer:
    return StartOfServer(settings=settings_of_house)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """The folder that holds the database."""
    return tmp_path


@pytest.fixture
def house(shared_folder: Path, disk: Path, start: StartOfServer) -> Iterator[House]:
    data_dir = disk / "data"
    copy_installation(shared_folder, data_dir)
    url = embedded.acquire(data_dir)
    try:
        with Proxy(int(make_url(url).port or 0)) as proxy:
            house = House(data_dir, proxy, url, start)
            try:
                house.settle_in()
                yield house
            finally:
                house.server.clean_up()
    finally:
        embedded.release(data_dir)
