"""The list of checks, and how they run: all at once, each with a time limit."""

import asyncio
from collections.abc import Sequence

import httpx

from app.core.settings.database_tls import untrusted
from app.core.unavailable import is_not_migrated, is_unavailable
from app.operations.doctor import (
    app_links,
    app_stores,
    database,
    disk,
    external_services,
    hooks,
    limits,
    live,
    pooler,
    public_site,
    replica,
    settings,
)
from app.operations.doctor.installation import Installation
from app.operations.doctor.results import REMOTE_CHECK_SECONDS, Check, Result, wrong

S3 = 'docs/aws.md, "Images: S3"'
FIREBASE = 'docs/services.md, "Push: Firebase"'
SES = 'docs/aws.md, "Email: SES"'
JOBS = 'docs/operations.md, "Jobs"'
BACKUP = 'docs/operations.md, "Backup"'

INSTALLATION_CHECKS = (
    Check("settings", settings.check_settings, "read .env.example"),
    Check("database", database.check_database, "check LINKY_DATABASE_URL"),
    Check("pooler", pooler.check_pooler, "check LINKY_DATABASE_URL"),
    Check("replica", replica.check_replica, "check LINKY_DATABASE_REPLICA_URL"),
    Check("migrations", database.check_migrations, "linky migrate"),
    Check("live", live.check_live, "linky migrate"),
    Check("jobs", database.check_jobs, JOBS),
    Check("reports", database.check_reports, "open /admin/reports"),
    Check("counts", database.check_counts, "linky recount", REMOTE_CHECK_SECONDS),
    Check("limits", limits.check_limits, "check LINKY_LIMITS_URL"),
    Check("pictures", external_services.check_storage, S3, REMOTE_CHECK_SECONDS),
    Check("push", external_services.check_push, FIREBASE, REMOTE_CHECK_SECONDS),
    Check("mail", external_services.check_mail, SES, REMOTE_CHECK_SECONDS),
    Check(
        "sign-in",
        external_services.check_providers,
        "check LINKY_…_DISCOVERY_URL",
        REMOTE_CHECK_SECONDS,
    ),
    Check("webhooks", hooks.check_webhooks, "check LINKY_WEBHOOK_URL"),
    Check("picture check", hooks.check_picture_check, "check LINKY_PICTURE_CHECK_URL"),
    Check("backups", disk.check_backups, BACKUP, REMOTE_CHECK_SECONDS),
    Check("disk", disk.check_disk, "df -h"),
    Check("site", public_site.check_site, "is it running, and nginx before it?"),
    Check("certificate", public_site.check_certificate, "openssl s_client -connect HOST:443"),
    Check("redirect", public_site.check_redirect, "look at nginx's server on port 80"),
    Check("metrics", public_site.check_metrics, "look at nginx's X-Forwarded-For"),
    Check("links", app_links.check_app_links, 'docs/services.md, "Links"'),
    Check("clock", public_site.check_clock, "timedatectl"),
)
"""What a healthy installation passes."""

STORE_CHECKS = app_stores.CHECKS
"""What Apple's and Google's stores require."""


async def run_checks(
    installation: Installation, checks: Sequence[Check] = INSTALLATION_CHECKS
) -> list[Result]:
    """Runs the checks at the same time; returns results in the order of `checks`. Never raises."""
    results = await asyncio.gather(*[_run(check, installation) for check in checks])
    return [result for results_of_check in results for result in results_of_check]


async def _run(check: Check, installation: Installation) -> Sequence[Result]:
    try:
        async with asyncio.timeout(check.seconds):
            return await check.run(installation)
    except TimeoutError:
        return [wrong(check.name, f"no answer within {check.seconds:.0f} s", check.remedy)]
    except httpx.HTTPError as error:
        words = f"{installation.url} can't be reached ({str(error) or type(error).__name__})"
        return [wrong(check.name, words, check.remedy)]
    except Exception as error:  # noqa: BLE001 - Any failure is something to report.
        return [_result_of_failure(check, error)]


def _result_of_failure(check: Check, error: Exception) -> Result:
    """Report an error that the check did not expect; the class only, as a message may be secret."""
    if is_unavailable(error):
        if reason := untrusted(error):
            words = f"a server's certificate is not trusted ({reason})"
            return wrong(check.name, words, "if it is the database's: LINKY_DATABASE_CA")
        return wrong(check.name, "the database can't be reached", "check LINKY_DATABASE_URL")
    if is_not_migrated(error):
        return wrong(check.name, "the database lacks tables", "linky migrate")
    return wrong(check.name, f"it failed: {type(error).__name__}", check.remedy)
