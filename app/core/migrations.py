"""Runs Alembic for `linky migrate`, and checks whether the database has all migrations."""

import asyncio
from functools import cache
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import asyncpg_arguments

ROOT = Path(__file__).parents[2]
"""The migrations are in it: beside the package, also where the wheel is installed."""

CONNECT_SECONDS = 5


def alembic_config(url: str | None = None) -> Config:
    """Alembic's configuration for a database. Without a URL it is the database of the settings."""
    # Not from `alembic.ini`: the wheel does not have it. It serves the command `alembic`.
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    config.attributes["url"] = url
    config.attributes["keep_logging"] = True
    return config


class DatabaseAhead(Exception):
    """The database is at the revision of a later release, which this code does not know."""


def upgrade(url: str, *, contract: bool = True) -> None:
    """Apply the migrations. Blocks, and can't run inside an event loop.

    Without `contract`, what the release before needs stays, for that release to serve meanwhile and
    to come back. An empty database gets all: no release served on it.

    Raises DatabaseAhead if a later release has migrated the database.
    """
    target = "head" if contract or asyncio.run(_is_empty(url)) else needed()
    try:
        command.upgrade(alembic_config(url), target)
    except CommandError as error:
        # Alembic has one class for all errors. Only its text shows this error.
        if "Can't locate revision" not in str(error):
            raise
        raise DatabaseAhead("The database has migrations of a later release.") from None


async def _is_empty(url: str) -> bool:
    connection = await asyncpg.connect(**asyncpg_arguments(url), timeout=CONNECT_SECONDS)
    try:
        return await connection.fetchval("SELECT to_regclass('alembic_version')") is None
    finally:
        await connection.close()


def heads() -> list[str]:
    """The newest revisions of this code. More than one is a mistake in a merge."""
    return ScriptDirectory.from_config(alembic_config()).get_heads()


@cache
def head() -> str | None:
    """The newest revision of this code."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def _newest_first() -> list[Script]:
    return list(ScriptDirectory.from_config(alembic_config()).walk_revisions())


@cache
def needed() -> str:
    """The newest revision that this code needs.

    Those after it only remove what the release before needs. Each says so: `contracts = True`.
    """
    return next(
        each.revision for each in _newest_first() if not getattr(each.module, "contracts", False)
    )


@cache
def _older() -> frozenset[str]:
    """The revisions of this code before the newest one that it needs."""
    revisions = [each.revision for each in _newest_first()]
    return frozenset(revisions[revisions.index(needed()) + 1 :])


def is_known(revision: str | None) -> bool:
    """Whether this code has the migration, and can migrate a database at it."""
    return revision in {each.revision for each in _newest_first()}


def is_enough(revision: str | None) -> bool:
    """Whether this code can serve on a database at a revision that it knows."""
    return revision not in _older()


async def has_all_migrations(session: AsyncSession) -> bool:
    """Whether the database has all migrations that this code needs.

    A revision that this code does not know is of a later release. Migrations only expand, so this
    code still works with it: after a failed deploy, this code has to serve.
    """
    current = await session.scalar(text("SELECT version_num FROM alembic_version"))
    return current is not None and current not in _older()
