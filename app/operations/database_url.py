"""Which database to use: the one that is named, or in development the embedded one."""

from pathlib import Path

from app.core.config import Settings, with_driver
from app.core.database_tls import with_tls
from app.operations import embedded


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
