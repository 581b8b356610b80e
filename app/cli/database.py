"""`linky migrate`, `create-admin` and `reset-mfa`: commands that change the database."""

import sys
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError

from app.admin.service.terminal import TerminalService
from app.auth.exceptions import PasswordTooWeak
from app.cli.common import CommandError, read_settings, terminal_user, with_runtime
from app.core import migrations
from app.core.schemas import EmailAddress
from app.operations.database_url import database_url, migration_url
from app.runtime.runtime import Runtime
from app.user.exceptions import UserNotFound


def migrate(
    contract: Annotated[
        bool, typer.Option("--contract", help="Also remove what only the previous release needs.")
    ] = False,
) -> None:
    """Migrate the database to this release.

    The database of a later release stays as it is. This release works with it, and may have to
    serve again after a deploy that failed.
    """
    try:
        migrations.upgrade(migration_url(read_settings()), contract=contract)
    except migrations.DatabaseAhead as ahead:
        typer.echo(f"{ahead} Nothing to do.")
    else:
        typer.echo("The database is up to date.")


def create_admin(
    email: Annotated[str, typer.Argument(help="The email address to sign in with.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Create an admin, or make an existing account one.

    An existing account keeps only its address and this password as a sign-in method.
    """
    settings = read_settings()
    address = _address(email)
    password = _read_password(from_stdin=password_stdin)

    async def create(runtime: Runtime) -> Sequence[str]:
        async with runtime.writing() as ctx:
            return await TerminalService(ctx, terminal_user()).make_admin(address, password)

    try:
        closed = with_runtime(settings, database_url(settings), create)
    except PasswordTooWeak:
        raise CommandError(
            "the password is too weak: use 8 to 128 characters that aren't easy to guess."
        ) from None
    typer.echo(f"{address} is an admin now, with this password.")
    if closed:
        typer.echo(f"The other sign-in methods were removed: {', '.join(closed)}.")


def reset_mfa(
    account: Annotated[str, typer.Argument(help="The admin's email address, or id.")],
) -> None:
    """Remove the second step of an admin who has lost their phone.

    Their sessions end, and they get a mail. Where a second step is required, the console has them
    set it up at the next sign-in.
    """
    settings = read_settings()
    whom = _id_or_address(account)

    async def reset(runtime: Runtime) -> bool:
        async with runtime.writing() as ctx:
            return await TerminalService(ctx, terminal_user()).reset_mfa(whom)

    try:
        was_there = with_runtime(settings, database_url(settings), reset)
    except UserNotFound:
        raise CommandError("this account doesn't exist.") from None
    if not was_there:
        raise CommandError(f"{account} doesn't use two-factor authentication.")
    typer.echo(f"{account} signs in without a code until two-factor authentication is set up.")


def _address(email: str) -> str:
    try:
        return str(TypeAdapter(EmailAddress).validate_python(email))
    except ValidationError:
        raise CommandError("this isn't an email address.") from None


def _id_or_address(account: str) -> str | UUID:
    try:
        return UUID(account)
    except ValueError:
        return _address(account)


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
