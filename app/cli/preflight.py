"""`linky preflight`: whether this release could serve here, asked before it is let to."""

import asyncio

import typer

from app.cli.common import Refusal, read_settings
from app.core import migrations
from app.core.database import answers, make_engine
from app.core.database_session import read_sessions
from app.main import create_app, ensure_startable
from app.operations.database_url import database_url, migration_url

PATIENCE_SECONDS = 10


def preflight() -> None:
    """Check imports, settings, store, database and migrations, and change nothing.

    A deploy runs this in the new release before it migrates or restarts anything.
    """
    settings = read_settings()
    ensure_startable(settings)
    create_app(settings)
    _ensure_one_head()
    # The server's role, and the one that migrates, where that is another.
    for url in {database_url(settings), migration_url(settings)}:
        asyncio.run(_ensure_database_answers(url))
    typer.echo("This release can serve here.")


def _ensure_one_head() -> None:
    heads = migrations.heads()
    if len(heads) != 1:
        raise Refusal(f"the migrations have {len(heads)} heads ({', '.join(heads)}).")


async def _ensure_database_answers(url: str) -> None:
    engine = make_engine(url)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), read_sessions(engine)() as session:
            await answers(session)
    finally:
        await engine.dispose()
