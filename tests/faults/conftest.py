"""A whole server with a PostgreSQL of its own, people who use it, and something that breaks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.core.words import Words
from app.operations import embedded
from tests.support.installation import admin_of, copy_installation
from tests.support.ledger import (
    READERS,
    WRITERS,
    Clients,
    Ledger,
    Resources,
    judge,
    seconds_until_served,
)
from tests.support.person import Person
from tests.support.server import LINKY, Server
from tests.support.trouble import TroubledProxy, troubled_proxy
from tests.support.waiting import wait_until

BEFORE_SECONDS, AFTER_SECONDS = 1.0, 1.0
"""Of load before the fault and after it."""

LOGGED = 6000
"""Characters of the server's log that a failed test shows."""


class House:
    """A server that reaches its PostgreSQL by a proxy: PostgreSQL may move to another port."""

    def __init__(self, data_dir: Path, proxy: TroubledProxy, url: str, **settings: str) -> None:
        self.data_dir = data_dir
        self.proxy = proxy
        self.url = url
        """Of the database, past the proxy."""
        through = make_url(url).set(port=proxy.port).render_as_string(hide_password=False)
        self.server = Server(data_dir, [LINKY, "serve"], LINKY_DATABASE_URL=through, **settings)

    def settle_in(self) -> None:
        address = self.server.start().url
        admin = admin_of(address)
        self.lounge = admin.open_lounge()
        self.people = [Person(address, f"人 {n}").register() for n in range(WRITERS + READERS)]
        self.witness = Person(address, "証人").register()
        self.post_id = str(self.witness.publish(self.lounge, "題")["id"])
        with Clients(self.people, self.post_id).acting():
            time.sleep(BEFORE_SECONDS)  # Fills the pools, so that later figures compare.
        self.before = Resources.of(self.server.pid)

    def restart_database(self) -> None:
        self.url = embedded.acquire(self.data_dir)
        self.proxy.target = int(make_url(self.url).port or 0)

    @property
    def postmaster(self) -> int:
        path = self.data_dir / "postgres" / "postmaster.pid"
        return int(path.read_text().splitlines()[0])

    @contextmanager
    def under_load(self) -> Iterator[Ledger]:
        with Clients(self.people, self.post_id).acting() as ledger:
            time.sleep(BEFORE_SECONDS)
            try:
                yield ledger
            except BaseException:
                print(self.server.output()[-LOGGED:])
                raise
            time.sleep(AFTER_SECONDS)

    def survives(
        self,
        name: str,
        title: Words,
        fault: Callable[[], None],
        mend: Callable[[], None],
        note: Words | None = None,
    ) -> Ledger:
        """Let it happen under load, mend it, and judge what the clients and the database saw."""
        pid = self.server.pid
        with self.under_load() as ledger:
            fault()
            mend()
            seconds = seconds_until_served(self.witness, self.post_id)
        if ledger.unexpected:
            print("\n".join(line for line in self.server.output().splitlines() if "error" in line))
        judge(name, title, ledger, self.url, seconds, note)
        if self.server.pid == pid:
            wait_until("back to where it was", lambda: Resources.of(pid).are_back(self.before))
        return ledger


@pytest.fixture
def settings_of_house() -> dict[str, str]:
    return {}


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """The folder that holds the database."""
    return tmp_path


@pytest.fixture
def house(shared_folder: Path, disk: Path, settings_of_house: dict[str, str]) -> Iterator[House]:
    data_dir = disk / "data"
    copy_installation(shared_folder, data_dir)
    url = embedded.acquire(data_dir)
    try:
        with troubled_proxy(int(make_url(url).port or 0)) as proxy:
            house = House(data_dir, proxy, url, **settings_of_house)
            try:
                house.settle_in()
                yield house
            finally:
                house.server.clean_up()
    finally:
        embedded.release(data_dir)
