"""A server, a proxy before it that can cut the network, and people with the client."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from linky_client import LogEvent, MemoryStore, models

from tests.client.users import KEY, PASSWORD, Join, Place, User
from tests.support.database import fresh_database
from tests.support.proxy import HttpProxy
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.world import token


@pytest.fixture(scope="session")
def _place(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One for all modules: their tests ask only for what they made themselves."""
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
            with HttpProxy(server.port) as proxy:
                yield Place(server, database, proxy)
        finally:
            server.clean_up()


@pytest.fixture
async def place(_place: Place) -> AsyncIterator[Place]:
    _place.proxy.reset()
    yield _place
    _place.proxy.reset()
    while _place.opened:
        await _place.opened.pop().aclose()


@pytest.fixture
def join(place: Place) -> Join:
    """Registers a user."""

    async def register() -> User:
        store, log = MemoryStore(), list[LogEvent]()
        client = place.client(store=store, log=log.append)
        states: list[object] = []
        name = secrets.token_hex(4)
        form = models.Register(
            email=f"c-{name}@example.com", nickname=f"人{name}", password=PASSWORD
        )
        me = await client.session.register(form)
        client.session.listen(states.append)
        await place.sql(
            "UPDATE users SET created_at = created_at - interval '7 days' WHERE id = $1", me.id
        )
        return User(client, store, form, me, states, log)

    return register
