"""Checks of the settings."""

from collections.abc import Sequence

from sqlalchemy import make_url

from app.core.settings.config import Settings
from app.core.settings.database_tls import is_verified
from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, warning, wrong


async def check_settings(installation: Installation) -> Sequence[Result]:
    settings, name = installation.settings, "settings"
    if settings.is_production:
        summary = ok(name, f"{settings.env}, {len(settings.signing_keys)} signing keys")
        return [summary, *_unsafe_production_settings(settings)]
    if installation.is_https:
        words = "development, under an https:// address"
        return [warning(name, words, "set LINKY_ENV=production")]
    return [ok(name, f"{settings.env}, {len(settings.signing_keys)} signing keys")]


def _unsafe_production_settings(settings: Settings) -> list[Result]:
    name, results = "settings", []
    if not settings.trusted_proxies:
        words = "no proxy is trusted, so all clients count as one address"
        remedy = "set LINKY_TRUSTED_PROXIES to nginx's (127.0.0.1)"
        results.append(wrong(name, words, remedy))
    if settings.brand.is_ours:
        words = f"users read {settings.app_name}, the product's name, on every page and mail"
        results.append(warning(name, words, "set LINKY_APP_NAME"))
    if settings.migration_database_url:
        words = "the server can read LINKY_MIGRATION_DATABASE_URL, which can drop all tables"
        remedy = "put it below a prefix of its own: docs/aws.md"
        results.append(warning(name, words, remedy))
    if settings.needs_to_publish == "nothing":
        words = "a new account may publish at once, with any address"
        results.append(warning(name, words, "set LINKY_PUBLISH_NEEDS=verified_email"))
    if settings.log_level == "debug":
        results.append(warning(name, "the log is set to debug", "set LINKY_LOG_LEVEL=info"))
    return results


def check_urls_verify_server(settings: Settings) -> list[Result]:
    """Report database URLs that accept any server's certificate. No error would ever show it."""
    urls = {
        "LINKY_DATABASE_URL": settings.database_url,
        "LINKY_DIRECT_DATABASE_URL": settings.direct_database_url,
        "LINKY_MIGRATION_DATABASE_URL": settings.migration_database_url,
    }
    return [
        warning(
            "database",
            f"{name} does not verify the server ({make_url(url).query.get('ssl', 'no sslmode')})",
            "remove sslmode from it, or set verify-full; LINKY_DATABASE_CA names the authorities",
        )
        for name, url in urls.items()
        if url and settings.is_production and not is_verified(url)
    ]
