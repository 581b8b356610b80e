"""Alembic from within: `linky migrate`, and whether the database is at head."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

ROOT = Path(__file__).parents[2]


def alembic_config(url: str | None = None) -> Config:
    """The configuration for a database; without a URL for the one of the settings."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    config.attributes["keep_logging"] = True
    return config


def upgrade(url: str) -> None:
    """Bring the database to head. Blocking, and not from within an event loop."""
    command.upgrade(alembic_config(url), "head")


@cache
def head() -> str | None:
    """The newest revision of this code."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


async def is_at_head(session: AsyncSession) -> bool:
    """Whether the database has all migrations of this code."""
    current = await session.scalar(text("SELECT version_num FROM alembic_version"))
    return bool(current == head())
