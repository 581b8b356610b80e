"""Which database to use: the one that is named, or in development the embedded one."""

from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from app.core import embedded
from app.core.config import Settings


def database_url(settings: Settings) -> str:
    """The URL of the database; blocks while the embedded one starts. Raises EmbeddedError."""
    if settings.database_url:
        return settings.database_url
    return embedded.acquire(Path(settings.data_dir))


def migration_url(settings: Settings) -> str:
    """The URL to migrate by: the owner's of the tables, where the server's role is another."""
    return settings.migration_database_url or database_url(settings)


def asyncpg_arguments(url: str) -> dict[str, Any]:
    """What asyncpg is called with for a URL of SQLAlchemy's, by whoever does without its pool."""
    made = make_url(url)
    arguments: dict[str, Any] = dict(made.get_dialect()().create_connect_args(made)[1])
    # SQLAlchemy's own, which its adapter takes away before it calls asyncpg.
    for name in ("prepared_statement_cache_size", "prepared_statement_name_func"):
        arguments.pop(name, None)
    return arguments
