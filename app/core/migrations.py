"""Alembic from within: `linky migrate`, and whether the database is at head."""

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
    """The configuration for a database; without a URL for the one of the settings."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    config.attributes["keep_logging"] = True
    return config


class DatabaseAhead(Exception):
    """The database is at a revision that this code does not know: a later release's."""


def upgrade(url: str) -> None:
    """Bring the database to head. Blocking, and not from within an event loop.

    Raises DatabaseAhead where a later release has been there.
    """
    try:
        command.upgrade(alembic_config(url), "head")
    except CommandError as error:
        # Alembic has one class for all that can go wrong, and these words for this.
        if "Can't locate revision" not in str(error):
            raise
        raise DatabaseAhead("The database has migrations of a later release.") from None


def heads() -> list[str]:
    """The newest revisions of this code: one, unless two branches were merged carelessly."""
    return ScriptDirectory.from_config(alembic_config()).get_heads()


@cache
def head() -> str | None:
    """The newest revision of this code."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


@cache
def _older() -> frozenset[str]:
    """The revisions of this code that come before its newest."""
    script = ScriptDirectory.from_config(alembic_config())
    return frozenset(one.revision for one in script.walk_revisions()) - {head()}


def is_known(revision: str | None) -> bool:
    """Whether this code has the migration, so that a database at it can be brought to head."""
    return revision == head() or revision in _older()


async def has_all_migrations(session: AsyncSession) -> bool:
    """Whether the database has all migrations of this code.

    A revision that this code does not know is a later release's. Migrations expand only, so that
    this code goes on working: after a deploy that failed, it is what has to serve.
    """
    current = await session.scalar(text("SELECT version_num FROM alembic_version"))
    return current is not None and current not in _older()
