"""A database whose roles a master makes, as on RDS."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import asyncpg
from sqlalchemy import URL, make_url

from app.operations.database_roles import RoleLogin, make_roles
from tests.support.database import EMPTY, fresh_database
from tests.support.sql import execute, plain_url
from tests.support.world import token


@dataclass(frozen=True)
class Cluster:
    """An empty database with its master, and the URLs of the two roles that the master makes."""

    superuser: URL
    master: URL
    owner: URL
    server: URL

    async def make_roles(self) -> None:
        connection = await asyncpg.connect(plain_url(self.master))
        try:
            await make_roles(connection, login(self.owner), login(self.server))
        finally:
            await connection.close()


def login(url: URL) -> RoleLogin:
    return RoleLogin(str(url.username), str(url.password))


@contextmanager
def fresh_cluster(server_url: str) -> Iterator[Cluster]:
    """A database that belongs to its master, as RDS makes it."""
    name = token()
    whole = make_url(server_url).set(username="postgres").render_as_string(hide_password=False)
    with fresh_database(whole, f"roles_{name}", EMPTY) as database:
        superuser = make_url(database)
        master, owner, server = (
            superuser.set(username=f"{role}_{name}", password=f"{role}-{token()}")
            for role in ("master", "owner", "server")
        )
        make_master = (
            f"CREATE ROLE {master.username} LOGIN CREATEDB CREATEROLE PASSWORD '{master.password}'",
            f"ALTER DATABASE {superuser.database} OWNER TO {master.username}",
        )
        asyncio.run(execute(superuser, *make_master))
        yield Cluster(superuser, master, owner, server)
    postgres = superuser.set(database="postgres")
    for url in (server, owner, master):
        asyncio.run(execute(postgres, f"DROP ROLE IF EXISTS {url.username}"))
