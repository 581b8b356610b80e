"""From inside: the settings, and what the database says of itself."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import make_url, text

from app.core import migrations
from app.core.config import Settings
from app.core.counts import find_wrong, sample_ids
from app.core.database_tls import is_local, is_verified
from app.core.unavailable import took_too_long
from app.jobs import job_counts
from app.operations.doctor.patient import Patient
from app.operations.doctor.results import Result, look, ok, untried, wrong

OLDEST_VERSION = 18
FULL = 0.8
"""So much of all connections in use is worth a look."""

SAMPLE = 100
"""Rows of each kind of count; a whole recount is `linky recount --check`."""

OLDEST_JOB = timedelta(minutes=5)

_DATABASE = text("""
    SELECT current_setting('server_version_num')::int / 10000 AS major,
           current_setting('server_version') AS version,
           current_setting('max_connections')::int AS most,
           pg_encoding_to_char(encoding) AS encoding,
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
           (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser,
           (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS is_encrypted
    FROM pg_database WHERE datname = current_database()
""")
_REVISION = text("SELECT version_num FROM alembic_version")
_TABLES = text("SELECT to_regclass('public.alembic_version') IS NOT NULL")
_INVALID = text(
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "WHERE NOT i.indisvalid ORDER BY 1"
)
_OVERDUE = text(
    "SELECT count(*) FROM report_cases WHERE status = 'open' AND due_at < clock_timestamp()"
)


async def check_settings(patient: Patient) -> Sequence[Result]:
    settings, name = patient.settings, "settings"
    results = [ok(name, f"{settings.env}, {len(settings.signing_keys)} signing keys")]
    if not settings.is_production and patient.is_https:
        results = [look(name, "development, under an https:// address", "set LINKY_ENV=production")]
    if settings.is_production and not settings.trusted_proxies:
        results.append(
            wrong(
                name,
                "no proxy is trusted, so that all people count as one address",
                "set LINKY_TRUSTED_PROXIES to nginx's (127.0.0.1)",
            )
        )
    if settings.is_production and settings.migration_database_url:
        words = (
            "the server can read LINKY_MIGRATION_DATABASE_URL, by which all tables can be dropped"
        )
        results.append(look(name, words, "put it below a prefix of its own: docs/runbook.md"))
    if settings.is_production and settings.log_level == "debug":
        results.append(look(name, "the log is set to debug", "set LINKY_LOG_LEVEL=info"))
    return results


async def check_database(patient: Patient) -> Sequence[Result]:
    async with patient.runtime.reads() as session:
        row = (await session.execute(_DATABASE)).one()
    name, results = "database", []
    if row.major < OLDEST_VERSION:
        words = f"PostgreSQL {row.version}, and {OLDEST_VERSION} is needed"
        results.append(wrong(name, words, "upgrade it"))
    if row.encoding != "UTF8":
        words = f"its encoding is {row.encoding}"
        results.append(wrong(name, words, "make it anew with ENCODING 'UTF8', and restore into it"))
    if row.used > FULL * row.most:
        words = f"{row.used} of {row.most} connections are in use"
        results.append(look(name, words, "a larger instance, or a pooler in session mode"))
    if row.is_superuser:
        results.append(
            look(name, "Linky's role is a superuser", "give it a role of its own, for rows alone")
        )
    if not row.is_encrypted and not is_local(patient.runtime.engine.url):
        results.append(
            wrong(name, "the connection is not encrypted", "add ?sslmode=verify-full to the URL")
        )
    results += unverified(patient.settings)
    seen = f"PostgreSQL {row.version}, {row.encoding}, {row.used} of {row.most} connections"
    return results or [ok(name, seen)]


def unverified(settings: Settings) -> list[Result]:
    """Reports a URL that lets any server pose as the database. Nothing else would show it."""
    urls = {
        "LINKY_DATABASE_URL": settings.database_url,
        "LINKY_MIGRATION_DATABASE_URL": settings.migration_database_url,
    }
    return [
        look(
            "database",
            f"{name} does not verify the server ({make_url(url).query.get('ssl', 'no sslmode')})",
            "take sslmode out of it, or set verify-full; LINKY_DATABASE_CA names the authorities",
        )
        for name, url in urls.items()
        if url and settings.is_production and not is_verified(url)
    ]


async def check_migrations(patient: Patient) -> Sequence[Result]:
    name, head = "migrations", migrations.head()
    async with patient.runtime.reads() as session:
        if not await session.scalar(_TABLES):
            return [wrong(name, "the database has no tables", "linky migrate")]
        revision = await session.scalar(_REVISION)
        invalid = (await session.scalars(_INVALID)).all()
    results = []
    if revision != head and migrations.is_known(revision):
        results.append(wrong(name, f"at {revision}, this release has {head}", "linky migrate"))
    if invalid:
        results.append(
            wrong(
                name,
                f"indexes that were not finished: {', '.join(invalid)}",
                "DROP INDEX CONCURRENTLY each, and linky migrate",
            )
        )
    later = "" if revision == head else " (a later release's; this one works with it)"
    return results or [ok(name, f"at {revision}{later}")]


async def check_jobs(patient: Patient) -> Sequence[Result]:
    async with patient.runtime.reads() as session:
        counts = await job_counts(session)
    name, results = "jobs", []
    if counts.oldest_age_seconds > OLDEST_JOB.total_seconds():
        minutes = counts.oldest_age_seconds / 60
        words = f"{counts.waiting} wait, the oldest for {minutes:.0f} min"
        results.append(wrong(name, words, 'is a worker running? docs/runbook.md, "Jobs"'))
    if counts.failed:
        dead = ", ".join(f"{job} {count}" for job, count in sorted(counts.failed.items()))
        results.append(look(name, f"dead: {dead}", "linky jobs list"))
    return results or [ok(name, f"{counts.waiting} wait, none is dead")]


async def check_reports(patient: Patient) -> Sequence[Result]:
    async with patient.runtime.reads() as session:
        overdue = await session.scalar(_OVERDUE) or 0
    if overdue:
        return [look("reports", f"{overdue} are overdue", "decide on them in /admin/reports")]
    return [ok("reports", "none is overdue")]


async def check_counts(patient: Patient) -> Sequence[Result]:
    """Recount a few rows of each kind, here and there in the tables."""
    name, looked_at = "counts", 0
    wrong_kinds: list[str] = []
    slow: list[Result] = []
    for count in patient.counts:
        try:
            async with patient.runtime.reads() as session:
                ids = await sample_ids(session, count, SAMPLE)
                found = await find_wrong(session, [count], ids=ids)
        except Exception as error:
            if not took_too_long(error):
                raise
            slow.append(untried(name, f"{count.kind}: too many rows for a short look"))
            continue
        looked_at += len(ids)
        wrong_kinds += [count.kind] if found else []
    if wrong_kinds:
        words = f"of {looked_at} looked at some are wrong: {', '.join(wrong_kinds)}"
        return [look(name, words, "linky recount"), *slow]
    return [ok(name, f"{looked_at} looked at, none is wrong"), *slow]
