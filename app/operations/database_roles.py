"""The two roles of a production database, made once by its master: the owner and the server's.

The owner's tables are changed by migrations alone; the server reads and writes rows, and can
neither make, change, empty nor drop anything. docs/adr/0027-database-roles.md
"""

import hashlib
import hmac
import secrets
from base64 import b64encode
from dataclasses import dataclass, field

import asyncpg
from sqlalchemy import URL, make_url

from app.core.config import Settings
from app.core.database import asyncpg_arguments

CONNECT_SECONDS = 10

SCRAM_ROUNDS = 4096
"""PostgreSQL's own default."""


class RolesError(Exception):
    """The roles can't be made, and why. Without any password."""


@dataclass(frozen=True, slots=True)
class Login:
    """A role that logs in."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WantedRoles:
    """The two roles that the settings name, and where their database is."""

    owner: Login
    server: Login
    url: URL

    @property
    def database(self) -> str | None:
        return self.url.database


def wanted_roles(settings: Settings) -> WantedRoles:
    """Raises RolesError unless both URLs name one database and two roles with passwords."""
    if not (settings.database_url and settings.migration_database_url):
        raise RolesError("LINKY_DATABASE_URL and LINKY_MIGRATION_DATABASE_URL must both be set")
    server, owner = make_url(settings.database_url), make_url(settings.migration_database_url)
    same = [(url.host, url.port, url.database) for url in (server, owner)]
    if same[0] != same[1] or server.username == owner.username:
        raise RolesError(
            "LINKY_DATABASE_URL and LINKY_MIGRATION_DATABASE_URL must name one database and "
            "two roles"
        )
    return WantedRoles(_login(owner), _login(server), owner)


def _login(url: URL) -> Login:
    if not (url.username and url.password):
        raise RolesError("both database URLs need a user and a password")
    return Login(url.username, str(url.password))


async def bootstrap_roles(wanted: WantedRoles, master: Login, *, via: str | None = None) -> None:
    """Make the roles as the database's master. `via` is HOST:PORT of a tunnel to the database.

    Raises RolesError, asyncpg.PostgresError.
    """
    url = wanted.url.set(username=master.name, password=master.password)
    if via:
        host, _, port = via.rpartition(":")
        url = url.set(host=host, port=int(port))
    # The certificate holds the database's own name, not the tunnel's.
    arguments = asyncpg_arguments(url.render_as_string(hide_password=False), wanted.url.host)
    connection = await asyncpg.connect(**arguments | {"timeout": CONNECT_SECONDS})
    try:
        await make_roles(connection, wanted.owner, wanted.server)
    finally:
        await connection.close()


async def make_roles(master: asyncpg.Connection, owner: Login, server: Login) -> None:
    """Make both, or give them these passwords, and the rights they need. May be run again.

    The master needs no superuser's rights: RDS gives it none. Raises RolesError.
    """
    async with master.transaction():
        for login in (owner, server):
            await _make_login(master, login)
        await _ensure_tables_are_the_owners(master, owner.name)
        for statement in _grants(await _database(master), owner.name, server.name):
            await master.execute(statement)


async def _make_login(master: asyncpg.Connection, login: Login) -> None:
    exists = await master.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", login.name)
    # The server's log never sees the password: what is sent is what it would store.
    verifier = scram_verifier(login.password, secrets.token_bytes(16))
    how = "ALTER" if exists else "CREATE"
    await master.execute(f"{how} ROLE {_quoted(login.name)} LOGIN PASSWORD '{verifier}'")


def _grants(database: str, owner: str, server: str) -> list[str]:
    database, owner, server = _quoted(database), _quoted(owner), _quoted(server)
    rows, numbers = "SELECT, INSERT, UPDATE, DELETE", "USAGE, SELECT"
    to_come = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT"
    return [
        # Who makes a role may grant it, and is no member of it by that alone.
        f"GRANT {owner} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE",
        f"ALTER DATABASE {database} OWNER TO {owner}",
        f"SET LOCAL ROLE {owner}",
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {server}",
        # Its owner has the schema as a member of pg_database_owner.
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {server}",
        f"GRANT {rows} ON ALL TABLES IN SCHEMA public TO {server}",
        f"GRANT {numbers} ON ALL SEQUENCES IN SCHEMA public TO {server}",
        f"{to_come} {rows} ON TABLES TO {server}",
        f"{to_come} {numbers} ON SEQUENCES TO {server}",
        "RESET ROLE",
    ]


async def _ensure_tables_are_the_owners(master: asyncpg.Connection, owner: str) -> None:
    others = await master.fetch(
        "SELECT DISTINCT tableowner FROM pg_tables "
        "WHERE schemaname = 'public' AND tableowner <> $1",
        owner,
    )
    if others:
        names = ", ".join(row["tableowner"] for row in others)
        raise RolesError(
            f"tables in this database belong to {names}, so that {owner} can't migrate them; "
            f"as {names} run: REASSIGN OWNED BY {names} TO {owner}"
        )


async def _database(connection: asyncpg.Connection) -> str:
    return str(await connection.fetchval("SELECT current_database()"))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def scram_verifier(password: str, salt: bytes) -> str:
    """What PostgreSQL stores of a password (RFC 5803). For ASCII, which needs no SASLprep."""
    if not password.isascii():
        raise RolesError("a password of a role must be ASCII")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ROUNDS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored = b64encode(hashlib.sha256(client_key).digest()).decode()
    served = b64encode(hmac.digest(salted, b"Server Key", "sha256")).decode()
    return f"SCRAM-SHA-256${SCRAM_ROUNDS}:{b64encode(salt).decode()}${stored}:{served}"
