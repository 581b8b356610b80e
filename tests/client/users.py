"""A server, a proxy before it that can cut the network, and users with the client."""

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from linky_client import Linky, LogEvent, MemoryStore, RetryPolicy, SignedOut, models

from app.core.tokens import TokenCodec
from tests.support.proxy import HttpProxy
from tests.support.server import Server

PASSWORD = "kawa-no-nagare-4817"
KEY = "kawa-no-oto-to-natsu-no-hi-5512-0001"
IMPATIENT = RetryPolicy(first_wait=0.01, dice=lambda: 0.0)


@dataclass
class Place:
    """A server with its database, and the proxy before it."""

    server: Server
    database: str
    proxy: HttpProxy
    opened: list[Linky] = field(default_factory=list)

    async def sql(self, statement: str, *values: object) -> list[Any]:
        """Run a statement behind the server's back."""
        connection = await asyncpg.connect(self.database.replace("+asyncpg", ""))
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    async def count(self, table: str, where: str, *values: object) -> int:
        found = await self.sql(f"SELECT count(*) FROM {table} WHERE {where}", *values)
        return int(found[0][0])

    def client(self, **settings: Any) -> Linky:
        """A client that goes through the proxy."""
        client = Linky(self.proxy.url, **{"policy": IMPATIENT, **settings})
        self.opened.append(client)
        return client

    async def lounge(self) -> str:
        name = f"部屋{secrets.token_hex(4)}"
        rows = await self.sql(
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


type Join = Callable[[], Awaitable[User]]
