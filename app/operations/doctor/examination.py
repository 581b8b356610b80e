"""Which checks there are, and how they are run: all at once, each within its time."""

import asyncio
from collections.abc import Sequence

import httpx

from app.core.database_tls import untrusted
from app.core.unavailable import is_not_migrated, is_unavailable
from app.operations.doctor import database, disk, outside, senders, stores
from app.operations.doctor.checks import LONGER_SECONDS, Check
from app.operations.doctor.patient import Patient
from app.operations.doctor.results import Result, wrong

INSTALLATION = (
    Check("settings", database.check_settings, "read .env.example"),
    Check("database", database.check_database, "check LINKY_DATABASE_URL"),
    Check("migrations", database.check_migrations, "linky migrate"),
    Check("jobs", database.check_jobs, 'docs/runbook.md, "Jobs"'),
    Check("reports", database.check_reports, "open /admin/reports"),
    Check("counts", database.check_counts, "linky recount", LONGER_SECONDS),
    Check("pictures", senders.check_storage, 'docs/runbook.md, "Pictures: S3"', LONGER_SECONDS),
    Check("push", senders.check_push, 'docs/runbook.md, "Push: Firebase"', LONGER_SECONDS),
    Check("mail", senders.check_mail, 'docs/runbook.md, "Mail: SES"', LONGER_SECONDS),
    Check("sign-in", senders.check_providers, "check LINKY_…_DISCOVERY_URL", LONGER_SECONDS),
    Check("backups", disk.check_backups, 'docs/runbook.md, "Backup"', LONGER_SECONDS),
    Check("disk", disk.check_disk, "df -h"),
    Check("site", outside.check_site, "is it running, and nginx before it?"),
    Check("certificate", outside.check_certificate, "openssl s_client -connect HOST:443"),
    Check("redirect", outside.check_redirect, "look at nginx's server on port 80"),
    Check("metrics", outside.check_metrics, "look at nginx's X-Forwarded-For"),
    Check("clock", outside.check_clock, "timedatectl"),
)
"""What a healthy installation has."""

STORES = stores.CHECKS
"""What the app stores ask for, by their own paragraphs."""


async def examine(patient: Patient, checks: Sequence[Check] = INSTALLATION) -> list[Result]:
    """Run the checks at once. Their results, in the order of the checks; it does not raise."""
    found = await asyncio.gather(*[_examined(patient, check) for check in checks])
    return [result for results in found for result in results]


async def _examined(patient: Patient, check: Check) -> Sequence[Result]:
    try:
        async with asyncio.timeout(check.seconds):
            return await check.act(patient)
    except TimeoutError:
        return [wrong(check.name, f"no answer within {check.seconds:.0f} s", check.remedy)]
    except httpx.HTTPError as error:
        words = f"{patient.url} can't be reached ({str(error) or type(error).__name__})"
        return [wrong(check.name, words, check.remedy)]
    except Exception as error:  # noqa: BLE001 - a doctor says what it saw, whatever that is.
        if is_unavailable(error) and (reason := untrusted(error)):
            words = f"a server's certificate is not trusted ({reason})"
            return [wrong(check.name, words, "if it is the database's: LINKY_DATABASE_CA")]
        if is_unavailable(error):
            return [wrong(check.name, "the database can't be reached", "check LINKY_DATABASE_URL")]
        if is_not_migrated(error):
            return [wrong(check.name, "the database lacks tables", "linky migrate")]
        return [wrong(check.name, f"it failed: {type(error).__name__}", check.remedy)]
