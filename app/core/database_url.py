"""Which database to use: the one that is named, or in development the embedded one."""

from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from app.core import embedded
from app.core.config import Settings, with_driver
from app.core.database_tls import tls_context, with_tls


def database_url(settings: Settings) -> str:
    """The URL of the database; blocks while the embedded one starts. Raises EmbeddedError."""
    if settings.database_url:
        return settings.database_url
    return embedded.acquire(Path(settings.data_dir))


def migration_url(settings: Settings) -> str:
    """The URL to migrate by: the owner's of the tables, where the server's role is another."""
    return settings.migration_database_url or database_url(settings)


def url_of_another(settings: Settings, url: str) -> str:
    """A URL from the command line, as one of the settings would be read. Raises ValueError."""
    return with_tls(
        with_driver(url), is_required=settings.is_production, authorities=settings.database_ca
    )


def asyncpg_arguments(url: str, server_name: str | None = None) -> dict[str, Any]:
    """asyncpg's arguments for a URL of SQLAlchemy's, for connections outside the pool.

    `server_name` is the database's own name where the URL leads to a tunnel.
    """
    made = make_url(url)
    arguments: dict[str, Any] = dict(made.get_dialect()().create_connect_args(made)[1])
    # SQLAlchemy's own, which its adapter takes away before it calls asyncpg.
    for name in ("prepared_statement_cache_size", "prepared_statement_name_func"):
        arguments.pop(name, None)
    arguments.pop("sslrootcert", None)
    context = tls_context(made, server_name)
    return arguments | ({"ssl": context} if context else {})
