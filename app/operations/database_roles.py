"""Creates the roles of a production database, with the rights of its master user.

The owner's role owns the tables and runs migrations. The server's role may only read and write
rows: it can't create, alter, truncate or drop anything. ADR 0041.

Behind a pooler there are four more, which are the server's with settings of their own.
docs/adr/0065-pgbouncer.md
"""

import hashlib
import hmac
import secrets
from base64 import b64encode
from dataclasses import dataclass, field

import asyncpg
from sqlalchemy import URL, make_url

from app.core.database import asyncpg_arguments
from app.core.pooled import POOL_ROLES
from app.core.settings.config import Settings

CONNECT_SECONDS = 10

SCRAM_ROUNDS = 4096
"""PostgreSQL's own default."""


class RolesError(Exception):
    """The roles can't be made. The message says why, and contains no password."""


@dataclass(frozen=True, slots=True)
class RoleLogin:
    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WantedRoles:
    """The two roles that the settings name, and the URL of their database."""

    owner: RoleLogin
    server: RoleLogin
    url: URL
    is_pooled: bool = False

    @property
    def database(self) -> str | None:
        return self.url.database


def wanted_roles(settings: Settings) -> WantedRoles:
    """The roles in the two URLs. Raises RolesError unless they are two, in one database."""
    if not (settings.database_url and settings.migration_database_url):
        raise RolesError("LINKY_DATABASE_URL and LINKY_MIGRATION_DATABASE_URL must both be set")
    direct = settings.direct_database_url or settings.database_url
    server, owner = make_url(direct), make_url(settings.migration_database_url)
    if login_of(settings.database_url) != login_of(direct):
        raise RolesError(
            "LINKY_DATABASE_URL and LINKY_DIRECT_DATABASE_URL must have one user and password"
        )
    is_same_database = _database_of(server) == _database_of(owner)
    if not is_same_database or server.username == owner.username:
        raise RolesError(
            "LINKY_DATABASE_URL and LINKY_MIGRATION_DATABASE_URL must name one database and "
            "two roles"
        )
    return WantedRoles(_login(owner), _login(server), owner, settings.database_pooled)


def _database_of(url: URL) -> tuple[str | None, int | None, str | None]:
    return url.host, url.port, url.database


def login_of(url: str) -> RoleLogin:
    """The user and password of a URL. Raises RolesError if it lacks one."""
    return _login(make_url(url))


def _login(url: URL) -> RoleLogin:
    if not (url.username and url.password):
        raise RolesError("both database URLs need a user and a password")
    return RoleLogin(url.username, str(url.password))


async def bootstrap_roles(
    wanted: WantedRoles, master: RoleLogin, *, via: str | None = None
) -> None:
    """Make the roles as the master user. `via` is HOST:PORT of a tunnel to the database.

    Raises RolesError, asyncpg.PostgresError.
    """
    url = wanted.url.set(username=master.name, password=master.password)
    if via:
        host, _, port = via.rpartition(":")
        url = url.set(host=host, port=int(port))
    # The certificate contains the database's host name, not the tunnel's.
    arguments = asyncpg_arguments(url.render_as_string(hide_password=False), wanted.url.host)
    connection = await asyncpg.connect(**arguments | {"timeout": CONNECT_SECONDS})
    try:
        await make_roles(connection, wanted.owner, wanted.server)
        if wanted.is_pooled:
            await make_pool_roles(connection, wanted.server)
    finally:
        await connection.close()


async def make_roles(master: asyncpg.Connection, owner: RoleLogin, server: RoleLogin) -> None:
    """Create both roles, or set their passwords, and grant their rights. May be run again.

    The master user need not be a superuser: on RDS it is not one. Raises RolesError.
    """
    async with master.transaction():
        for login in (owner, server):
            await _make_login(master, login)
        await _ensure_tables_are_the_owners(master, owner.name)
        for statement in _grants(await _current_database(master), owner.name, server.name):
            await master.execute(statement)


async def make_pool_roles(master: asyncpg.Connection, server: RoleLogin) -> None:
    """Create the roles of the pools, or set their password and settings. May be run again."""
    async with master.transaction():
        for login, settings in pool_logins(server):
            await _make_login(master, login)
            role = _quoted(login.name)
            await master.execute(f"GRANT {_quoted(server.name)} TO {role} WITH INHERIT TRUE")
            for name, value in settings.items():
                await master.execute(f"ALTER ROLE {role} SET {name} = '{value}'")


def pool_logins(server: RoleLogin) -> list[tuple[RoleLogin, dict[str, str]]]:
    """The roles behind a pooler, and the settings that each has."""
    return [
        (RoleLogin(role.name(server.name), server.password), role.settings) for role in POOL_ROLES
    ]


async def _make_login(master: asyncpg.Connection, login: RoleLogin) -> None:
    exists = await master.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", login.name)
    # We send the verifier that PostgreSQL would store, so its log never contains the password.
    verifier = scram_verifier(login.password, secrets.token_bytes(16))
    verb = "ALTER" if exists else "CREATE"
    await master.execute(f"{verb} ROLE {_quoted(login.name)} LOGIN PASSWORD '{verifier}'")


def _grants(database: str, owner: str, server: str) -> list[str]:
    database, owner, server = _quoted(database), _quoted(owner), _quoted(server)
    on_tables, on_sequences = "SELECT, INSERT, UPDATE, DELETE", "USAGE, SELECT"
    by_default = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT"
    return [
        # The master user created the role and may grant it, but is not yet a member of it.
        f"GRANT {owner} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE",
        f"ALTER DATABASE {database} OWNER TO {owner}",
        f"SET LOCAL ROLE {owner}",
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {server}",
        # The owner needs no grant: it owns the schema as a member of pg_database_owner.
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {server}",
        f"GRANT {on_tables} ON ALL TABLES IN SCHEMA public TO {server}",
        f"GRANT {on_sequences} ON ALL SEQUENCES IN SCHEMA public TO {server}",
        f"{by_default} {on_tables} ON TABLES TO {server}",
        f"{by_default} {on_sequences} ON SEQUENCES TO {server}",
        "RESET ROLE",
    ]


async def _ensure_tables_are_the_owners(master: asyncpg.Connection, owner: str) -> None:
    other_owners = await master.fetch(
        "SELECT DISTINCT tableowner FROM pg_tables "
        "WHERE schemaname = 'public' AND tableowner <> $1",
        owner,
    )
    if other_owners:
        names = ", ".join(row["tableowner"] for row in other_owners)
        raise RolesError(
            f"tables in this database belong to {names}, so {owner} can't migrate them; "
            f"as {names} run: REASSIGN OWNED BY {names} TO {owner}"
        )


async def _current_database(connection: asyncpg.Connection) -> str:
    return str(await connection.fetchval("SELECT current_database()"))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def scram_verifier(password: str, salt: bytes) -> str:
    """The form in which PostgreSQL stores a password (RFC 5803).

    The password must be ASCII: other passwords would need SASLprep. Raises RolesError.
    """
    if not password.isascii():
        raise RolesError("a password of a role must be ASCII")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ROUNDS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = b64encode(hashlib.sha256(client_key).digest()).decode()
    server_key = b64encode(hmac.digest(salted, b"Server Key", "sha256")).decode()
    return f"SCRAM-SHA-256${SCRAM_ROUNDS}:{b64encode(salt).decode()}${stored_key}:{server_key}"
