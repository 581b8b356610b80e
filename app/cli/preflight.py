"""`linky preflight`: checks that this release can run here, before a deploy switches to it."""

import asyncio
from collections.abc import Mapping, Sequence

import typer

from app.cli.common import CommandError, read_settings_of_server
from app.core import migrations
from app.core.database import SERVER_SETTINGS
from app.core.pool import Pool
from app.core.pooled import PASSED_ON, POOL_ROLES
from app.operations.database_url import database_url, migration_url, pooler_url

DATABASE_SECONDS = 10


def preflight() -> None:
    """Check that this release can run here.

    Checks imports, settings, store, database and migrations, and changes nothing. A deploy runs
    this in the new release before it migrates or restarts anything.
    """
    from app.main import create_app, ensure_startable

    settings = read_settings_of_server()
    ensure_startable(settings)
    create_app(settings)
    _ensure_one_line()
    _ensure_keys_of_backups(settings.backup_recipients)
    # With the server's role, and with the role that migrates if it is another.
    for url in {database_url(settings), migration_url(settings)}:
        asyncio.run(_ensure_database_answers(url))
    if pooler := pooler_url(settings):
        for role in POOL_ROLES:
            asyncio.run(_ensure_database_answers(role.url(pooler), PASSED_ON))
    typer.echo("This release can serve here.")


def _ensure_one_line() -> None:
    try:
        migrations.newest_first()
    except migrations.NotOneLine as error:
        raise CommandError(str(error)) from None


def _ensure_keys_of_backups(recipients: Sequence[str]) -> None:
    """Otherwise a scheduled backup that can't be encrypted would fail unnoticed."""
    from app.operations.backup.encryption import read_recipients
    from app.operations.backup.errors import BackupError

    if not recipients:
        return
    try:
        read_recipients(recipients)
    except BackupError as error:
        raise CommandError(str(error)) from None


async def _ensure_database_answers(
    url: str, server_settings: Mapping[str, str] = SERVER_SETTINGS
) -> None:
    pool = Pool(url, 1, server_settings=server_settings)
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            await pool.answers()
    finally:
        await pool.close()
