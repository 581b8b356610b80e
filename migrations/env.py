"""Alembic's environment: migrates the database of the settings, one process at a time.

A migration never waits long for a lock, since requests would queue up behind it.
"""

import asyncio
from logging.config import fileConfig
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, pool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.api import METADATA
from app.core import migrations
from app.core.settings.config import load_settings
from app.core.settings.database_tls import for_engine
from app.operations.database_url import migration_url
from app.operations.embedded.errors import EmbeddedError

MIGRATION_LOCK = 0x4C696E6B79  # "Linky"
LOCK_POLL_SECONDS = 0.1
LOCK_WAIT_SECONDS = 120.0
LOCK_TIMEOUT = "2s"
"""How long a migration may wait for a table's lock. Requests on that table wait behind it."""
ATTEMPTS = 10
"""Of each migration."""

config = context.config
if config.config_file_name and not config.attributes.get("keep_logging"):
    fileConfig(config.config_file_name, disable_existing_loggers=False)


def include_name(name: str | None, kind: str, _: Any) -> bool:
    """Leave out the tables that SQL makes, without models, and what has no model any more."""
    names = ("pgqueuer", "write_positions", "live_")
    is_made_by_sql = kind == "table" and name is not None and name.startswith(names)
    return not is_made_by_sql and name not in migrations.KEPT


def configure(**how: Any) -> None:
    context.configure(
        target_metadata=METADATA,
        include_name=include_name,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
        **how,
    )


def migrate(connection: Connection) -> None:
    configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def hold_lock(guard: AsyncConnection) -> None:
    """Take the lock by polling. A process that waited inside pg_advisory_lock() would have a
    snapshot, and CREATE INDEX CONCURRENTLY would wait for that.
    """
    for _ in range(int(LOCK_WAIT_SECONDS / LOCK_POLL_SECONDS)):
        got = await guard.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        if got:
            return
        await asyncio.sleep(LOCK_POLL_SECONDS)
    raise SystemExit("Another migration is running; try again when it has ended.")


async def migrate_with_patience(engine: AsyncEngine) -> None:
    patience = migrations.Patience(ATTEMPTS)
    while True:
        try:
            async with engine.connect() as connection:
                await connection.run_sync(migrate)
                await connection.commit()
                return
        except DBAPIError as error:
            if "lock timeout" not in str(error.orig):
                raise
            seconds = patience.seconds_after(await current_revision(engine))
            if seconds is None:
                raise
            await asyncio.sleep(seconds)


async def current_revision(engine: AsyncEngine) -> str | None:
    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda bare: MigrationContext.configure(bare).get_current_revision()
        )


async def run_online(url: str) -> None:
    settings = {"lock_timeout": LOCK_TIMEOUT, "application_name": "linky-migrate"}
    address, tls = for_engine(url)
    engine = create_async_engine(
        address,
        poolclass=pool.NullPool,
        connect_args={"timeout": migrations.CONNECT_SECONDS, "server_settings": settings, **tls},
    )
    try:
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as guard:
            await hold_lock(guard)
            await migrate_with_patience(engine)
    finally:
        await engine.dispose()


if context.is_offline_mode():
    configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    try:
        asyncio.run(run_online(config.attributes.get("url") or migration_url(load_settings())))
    except EmbeddedError as error:
        raise SystemExit(str(error)) from None
