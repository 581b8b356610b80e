"""The URL of the database: from the settings, or of the embedded one in development."""

from pathlib import Path

from app.core.settings.config import Settings
from app.core.settings.database_tls import with_driver, with_tls
from app.operations import embedded


def database_url(settings: Settings) -> str:
    """The URL of the database itself. Blocks while the embedded one starts. Raises EmbeddedError.

    Only what answers requests goes through a pooler (`pooler_url`). The worker listens, and
    commands take locks and make tables for their session.
    """
    if url := settings.direct_database_url or settings.database_url:
        return url
    return embedded.acquire(Path(settings.data_dir))


def pooler_url(settings: Settings) -> str | None:
    """None if the server connects to the database itself."""
    return settings.database_url if settings.database_pooled else None


def migration_url(settings: Settings) -> str:
    """Has the role that owns the tables, if that is another role than the server's."""
    return settings.migration_database_url or database_url(settings)


def url_of_another(settings: Settings, url: str) -> str:
    """A URL from the command line, read like one in the settings. Raises ValueError."""
    return with_tls(
        with_driver(url), is_required=settings.is_production, authorities=settings.database_ca
    )
