"""`linky bootstrap-database`: the roles of a new database in production."""

import asyncio
import json
import sys
from typing import Annotated

import asyncpg
import typer
from sqlalchemy import URL, make_url

from app.cli.common import Refusal, read_settings
from app.core.config import Settings
from app.core.database_url import asyncpg_arguments
from app.core.roles import Login, RolesError, make_roles

CONNECT_SECONDS = 10


def bootstrap_database(
    master_secret: Annotated[
        str | None,
        typer.Option(help="Secrets Manager's name or ARN of the master's user and password."),
    ] = None,
    master_stdin: Annotated[
        bool, typer.Option("--master-stdin", help="Read USER:PASSWORD of the master from stdin.")
    ] = False,
    via: Annotated[str | None, typer.Option(help="HOST:PORT of a tunnel to the database.")] = None,
) -> None:
    """Make the roles of LINKY_DATABASE_URL and LINKY_MIGRATION_DATABASE_URL, with their rights.

    Run again it gives them the passwords that the settings hold now.
    """
    server, owner = _urls(read_settings())
    user, password = _master(master_secret, from_stdin=master_stdin)
    url = owner.set(username=user, password=password)
    if via:
        host, _, port = via.rpartition(":")
        url = url.set(host=host, port=int(port))
    try:
        asyncio.run(_bootstrap(url, owner.host, _login(owner), _login(server)))
    except (RolesError, asyncpg.PostgresError) as error:
        raise Refusal(f"the roles were not made: {error}.") from None
    typer.echo(f"{owner.username} owns {owner.database}; {server.username} reads and writes rows.")


async def _bootstrap(url: URL, name: str | None, owner: Login, server: Login) -> None:
    """`name` is the database's own, which its certificate holds, whatever the tunnel's is."""
    arguments = asyncpg_arguments(url.render_as_string(hide_password=False), name)
    connection = await asyncpg.connect(**arguments | {"timeout": CONNECT_SECONDS})
    try:
        await make_roles(connection, owner, server)
    finally:
        await connection.close()


def _urls(settings: Settings) -> tuple[URL, URL]:
    """The server's and the owner's. Raises Refusal unless they are two roles of one database."""
    if not (settings.database_url and settings.migration_database_url):
        raise Refusal("LINKY_DATABASE_URL and LINKY_MIGRATION_DATABASE_URL must both be set.")
    server, owner = make_url(settings.database_url), make_url(settings.migration_database_url)
    same = [(url.host, url.port, url.database) for url in (server, owner)]
    if same[0] != same[1] or server.username == owner.username:
        raise Refusal(
            "LINKY_DATABASE_URL and LINKY_MIGRATION_DATABASE_URL must name one database and "
            "two roles."
        )
    return server, owner


def _login(url: URL) -> Login:
    if not (url.username and url.password):
        raise Refusal("both database URLs need a user and a password.")
    return Login(url.username, str(url.password))


def _master(secret: str | None, *, from_stdin: bool) -> tuple[str, str]:
    if (secret is None) == (not from_stdin):
        raise Refusal("name the master by --master-secret or --master-stdin.")
    if secret is None:
        user, separator, password = sys.stdin.readline().rstrip("\r\n").partition(":")
        if not separator:
            raise Refusal("write USER:PASSWORD on standard input.")
        return user, password
    return _of_secrets_manager(secret)


def _of_secrets_manager(name: str) -> tuple[str, str]:
    """The secret that RDS manages: JSON with username and password."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = boto3.session.Session().client("secretsmanager").get_secret_value(SecretId=name)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise Refusal(f"the master's secret can't be read: {code}.") from None
    except BotoCoreError as error:
        raise Refusal(f"the master's secret can't be read: {type(error).__name__}.") from None
    held = json.loads(answer["SecretString"])
    return held["username"], held["password"]
