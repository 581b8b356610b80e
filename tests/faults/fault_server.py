"""A whole server with a PostgreSQL of its own and people who use it, for tests that break it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from app.core.texts import Text
from app.operations import embedded
from tests.faults.ledger import (
    READERS,
    RECOVERY_SECONDS,
    WRITERS,
    Clients,
    Ledger,
    Resources,
    judge,
    seconds_until_served,
)
from tests.support.installation import admin_of
from tests.support.person import Person
from tests.support.proxy import Proxy
from tests.support.server import LINKY, Server
from tests.support.waiting import wait_until

BEFORE_SECONDS, AFTER_SECONDS = 1.0, 1.0
"""Of load before the fault and after it."""

LOGGED = 9000
"""Characters of the server's log that a failed test shows."""


@dataclass
class StartOfServer:
    """How the server is started, which a test module may change."""

    command: Sequence[str] = (LINKY, "serve")
    settings: dict[str, str] = field(default_factory=dict)
    database_host: str = "127.0.0.1"


class House:
    """A server that reaches its PostgreSQL by a proxy: PostgreSQL may move to another port."""

    def __init__(
        self,
        data_dir: Path,
        proxy: Proxy,
        url: str,
        start: StartOfServer,
    ) -> None:
        self.data_dir = data_dir
        self.proxy = proxy
        self.url = url
        """Of the database, past the proxy."""
        through = make_url(url).set(host=start.database_host, port=proxy.port)
        address = through.render_as_string(hide_password=False)
        self.server = Server(data_dir, start.command, LINKY_DATABASE_URL=address, **start.settings)

    def settle_in(self) -> None:
        begun = time.monotonic()
        address = self.server.start().url
        self.start_seconds = time.monotonic() - begun
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
        title: Text,
        fault: Callable[[], None],
        mend: Callable[[], None],
        note: Text | None = None,
        limit: float = RECOVERY_SECONDS,
    ) -> Ledger:
        """Let it happen under load, fix it, and judge what the clients and the database saw."""
        pid = self.server.pid
        with self.under_load() as ledger:
            fault()
            mend()
            seconds = seconds_until_served(self.witness, self.post_id)
        if ledger.unexpected:
            _, found, traceback = self.server.output().partition("unforeseen_error")
            print(found + traceback[:LOGGED])
        judge(name, title, ledger, self.url, seconds, note, limit)
        if self.server.pid == pid:
            wait_until("back to where it was", lambda: Resources.of(pid).are_back(self.before))
        return ledger
