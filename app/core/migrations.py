"""Runs Alembic for `linky migrate`, and checks whether the database has all migrations."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

ROOT = Path(__file__).parents[2]


def alembic_config(url: str | None = None) -> Config:
    """Alembic's configuration for a database. Without a URL it is the database of the settings."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    config.attributes["keep_logging"] = True
    return config


class DatabaseAhead(Exception):
    """The database is at the revision of a later release, which this code does not know."""


def upgrade(url: str) -> None:
    """Apply all migrations. Blocks, and can't run inside an event loop.

    Raises DatabaseAhead if a later release has migrated the database.
    """
    try:
        command.upgrade(alembic_config(url), "head")
    except CommandError as error:
        # Alembic has one class for all errors. Only its text shows this error.
        if "Can't locate revision" not in str(error):
            raise
        raise DatabaseAhead("The database has migrations of a later release.") from None


def heads() -> list[str]:
    """The newest revisions of this code. More than one is a mistake in a merge."""
    return ScriptDirectory.from_config(alembic_config()).get_heads()


@cache
def head() -> str | None:
    """The newest revision of this code."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


@cache
def _older() -> frozenset[str]:
    """The revisions of this code before the newest one."""
    script = ScriptDirectory.from_config(alembic_config())
    return frozenset(each.revision for each in script.walk_revisions()) - {head()}


def is_known(revision: str | None) -> bool:
    """Whether this code has the migration, and can migrate a database at it."""
    return revision == head() or revision in _older()


async def has_all_migrations(session: AsyncSession) -> bool:
    """Whether the database has all migrations of this code.

    A revision that this code does not know is of a later release. Migrations only expand, so this
    code still works with it: after a failed deploy, this code has to serve.
    """
    current = await session.scalar(text("SELECT version_num FROM alembic_version"))
    return current is not None and current not in _older()
