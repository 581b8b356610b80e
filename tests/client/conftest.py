"""A server, a proxy before it that can cut the network, and people with the client."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from linky_client import Linky, LogEvent, MemoryStore, RetryPolicy, SignedOut, models

from app.core.tokens import TokenCodec
from tests.client.cutting import CuttingProxy, cutting_proxy
from tests.support.database import fresh_database
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.world import token

PASSWORD = "kawa-no-nagare-4817"
KEY = "kawa-no-oto-to-natsu-no-hi-5512-0001"
IMPATIENT = RetryPolicy(first_wait=0.01, dice=lambda: 0.0)


@dataclass
class Place:
    """A server with its database, and the proxy before it."""

    server: Server
    database: str
    proxy: CuttingProxy
    opened: list[Linky] = field(default_factory=list)

    def sql(self, statement: str, *values: object) -> list[Any]:
        """Run a statement behind the server's back."""

        async def run() -> list[Any]:
            connection = await asyncpg.connect(self.database.replace("+asyncpg", ""))
            try:
                return list(await connection.fetch(statement, *values))
            finally:
                await connection.close()

        return asyncio.run(run())

    def count(self, table: str, where: str, *values: object) -> int:
        return int(self.sql(f"SELECT count(*) FROM {table} WHERE {where}", *values)[0][0])

    def client(self, **settings: Any) -> Linky:
        """A client that goes through the proxy."""
        client = Linky(self.proxy.url, **{"policy": IMPATIENT, **settings})
        self.opened.append(client)
        return client

    def lounge(self) -> str:
        name = f"部屋{secrets.token_hex(4)}"
        rows = self.sql(
            "INSERT INTO lounges (name, name_key, search_vector, description) "
            "VALUES ($1, $1, ''::tsvector, '') RETURNING id",
            name,
        )
        return str(rows[0][0])


@dataclass
class User:
    """A user with the app."""

    client: Linky
    store: MemoryStore
    form: models.Register
    me: models.Me
    states: list[object]
    log: list[LogEvent]

    def tokens(self) -> dict[str, Any]:
        text = self.store.read("tokens")
        assert text is not None, "no user is signed in"
        return dict(json.loads(text))

    def expire(self) -> None:
        """Make the access token one that expired an hour ago."""
        tokens = self.tokens()
        codec = TokenCodec({"test": KEY.encode()}, lambda: datetime.now(UTC))
        claims = codec.decode(tokens["access_token"])
        before = TokenCodec(
            {"test": KEY.encode()}, lambda: datetime.now(UTC) - timedelta(minutes=90)
        )
        self.store.write("tokens", json.dumps({**tokens, "access_token": before.encode(claims)}))

    def was_signed_out(self) -> bool:
        return any(isinstance(state, SignedOut) for state in self.states)


@pytest.fixture(scope="module")
def _place(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with fresh_database(server_url, f"client_{token()}") as database:
        folder = tmp_path_factory.mktemp("client")
        server = Server(
            folder / "data",
            (*QUICK_LINKY, "serve"),
            LINKY_DATABASE_URL=database,
            LINKY_JWT_KEYS=f"test:{KEY}",
        )
        try:
            server.start()
            with cutting_proxy(server.port) as proxy:
                yield Place(server, database, proxy)
        finally:
            server.clean_up()


@pytest.fixture
def place(_place: Place) -> Iterator[Place]:
    _place.proxy.reset()
    yield _place
    _place.proxy.reset()
    while _place.opened:
        _place.opened.pop().close()


@pytest.fixture
def join(place: Place) -> Callable[[], User]:
    """Registers a user."""

    def register(**settings: Any) -> User:
        store, log = MemoryStore(), list[LogEvent]()
        client = place.client(**{"store": store, "log": log.append, **settings})
        states: list[object] = []
        name = secrets.token_hex(4)
        form = models.Register(
            email=f"c-{name}@example.com", nickname=f"人{name}", password=PASSWORD
        )
        me = client.session.register(form)
        client.session.listen(states.append)
        place.sql(
            "UPDATE users SET created_at = created_at - interval '7 days' WHERE id = $1", me.id
        )
        return User(client, store, form, me, states, log)

    return register


def codes(log: Sequence[LogEvent]) -> list[str]:
    return [event.code for event in log]
