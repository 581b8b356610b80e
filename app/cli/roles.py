"""`linky bootstrap-database` creates a production database's roles, `pooler-users` lists some."""

import asyncio
import json
import sys
from typing import Annotated

import asyncpg
import typer

from app.cli.common import CommandError, read_settings
from app.operations.database_roles import (
    RoleLogin,
    RolesError,
    bootstrap_roles,
    login_of,
    pool_logins,
    wanted_roles,
)


def bootstrap_database(
    master_secret: Annotated[
        str | None,
        typer.Option(help="The master user's secret in Secrets Manager: its name or ARN."),
    ] = None,
    master_stdin: Annotated[
        bool,
        typer.Option(
            "--master-stdin", help="Read USER:PASSWORD of the master user from standard input."
        ),
    ] = False,
    via: Annotated[str | None, typer.Option(help="HOST:PORT of a tunnel to the database.")] = None,
) -> None:
    """Create the roles of a production database.

    They are the roles in LINKY_DATABASE_URL and LINKY_MIGRATION_DATABASE_URL, and with
    LINKY_DATABASE_POOLED four more. Run it again to set the passwords that the settings have now.
    """
    try:
        wanted = wanted_roles(read_settings())
        master = _read_master(master_secret, from_stdin=master_stdin)
        asyncio.run(bootstrap_roles(wanted, master, via=via))
    except (RolesError, asyncpg.PostgresError) as error:
        raise CommandError(f"the roles weren't created: {error}.") from None
    owner, server = wanted.owner.name, wanted.server.name
    typer.echo(f"{owner} owns {wanted.database}; {server} reads and writes rows.")
    if wanted.is_pooled:
        names = ", ".join(login.name for login, _ in pool_logins(wanted.server))
        typer.echo(f"Behind the pooler the server signs in as {names}.")


def pooler_users() -> None:
    """Print PgBouncer's list of users (auth_file): the roles of the server's pools.

    It has the server's password, so keep it as secret: `linky pooler-users | sudo install -m 0640
    -g postgres /dev/stdin /etc/pgbouncer/userlist.txt`.
    """
    url = read_settings().database_url
    if not url:
        raise CommandError("LINKY_DATABASE_URL is not set.")
    try:
        server = login_of(url)
    except RolesError as error:
        raise CommandError(f"{error}.") from None
    for login, _ in pool_logins(server):
        typer.echo(f"{_in_quotes(login.name)} {_in_quotes(login.password)}")


def _in_quotes(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _read_master(secret: str | None, *, from_stdin: bool) -> RoleLogin:
    if (secret is None) == (not from_stdin):
        raise CommandError("name the master by --master-secret or --master-stdin.")
    if secret is None:
        user, separator, password = sys.stdin.readline().rstrip("\r\n").partition(":")
        if not separator:
            raise CommandError("write USER:PASSWORD on standard input.")
        return RoleLogin(user, password)
    return _read_secret(secret)


def _read_secret(name: str) -> RoleLogin:
    """Read the secret that RDS manages: JSON with username and password."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        response = boto3.session.Session().client("secretsmanager").get_secret_value(SecretId=name)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise CommandError(f"the master's secret can't be read: {code}.") from None
    except BotoCoreError as error:
        raise CommandError(f"the master's secret can't be read: {type(error).__name__}.") from None
    secret = json.loads(response["SecretString"])
    return RoleLogin(secret["username"], secret["password"])
