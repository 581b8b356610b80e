"""`linky bootstrap-database`: the roles of a new database in production."""

import asyncio
import json
import sys
from typing import Annotated

import asyncpg
import typer

from app.cli.common import Refusal, read_settings
from app.operations.database_roles import Login, RolesError, bootstrap_roles, wanted_roles


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
    try:
        wanted = wanted_roles(read_settings())
        master = Login(*_master(master_secret, from_stdin=master_stdin))
        asyncio.run(bootstrap_roles(wanted, master, via=via))
    except (RolesError, asyncpg.PostgresError) as error:
        raise Refusal(f"the roles were not made: {error}.") from None
    owner, server = wanted.owner.name, wanted.server.name
    typer.echo(f"{owner} owns {wanted.database}; {server} reads and writes rows.")


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
