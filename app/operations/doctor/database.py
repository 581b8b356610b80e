"""Checks of the database: the server, its tables, the job queue, reports and counts."""

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import make_url, text

from app.core import migrations
from app.core.counts import Count, find_wrong, sample_ids
from app.core.settings.database_tls import is_local
from app.core.unavailable import took_too_long
from app.jobs.operate import job_counts
from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, untried, warning, wrong
from app.operations.doctor.settings import check_urls_verify_server
from app.reports.service import ReportService

OLDEST_VERSION = 18
FULL = 0.8
"""The share of used connections that deserves a warning."""

SAMPLE = 100
"""Rows of each kind of count. `linky recount --check` recounts all."""

OLDEST_JOB = timedelta(minutes=5)

_DATABASE = """
    SELECT current_setting('server_version_num')::int / 10000 AS major,
           current_setting('server_version') AS version,
           current_setting('max_connections')::int AS most,
           pg_encoding_to_char(encoding) AS encoding,
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
           (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser,
           (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS is_encrypted
    FROM pg_database WHERE datname = current_database()
"""
_REVISION = text("SELECT version_num FROM alembic_version")
_HAS_TABLES = text("SELECT to_regclass('public.alembic_version') IS NOT NULL")
_UNFINISHED_INDEXES = text(
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "WHERE NOT i.indisvalid ORDER BY 1"
)


async def check_database(installation: Installation) -> Sequence[Result]:
    async with installation.runtime.reading() as ctx:
        (record,) = await ctx.db.driver(_DATABASE)
    row = SimpleNamespace(**dict(record))
    results = [
        *_server_problems(row),
        *_connection_problems(row, installation),
        *check_urls_verify_server(installation.settings),
    ]
    words = f"PostgreSQL {row.version}, {row.encoding}, {row.used} of {row.most} connections"
    return results or [ok("database", words)]


def _server_problems(row: Any) -> list[Result]:
    name, results = "database", []
    if row.major < OLDEST_VERSION:
        words = f"PostgreSQL {row.version}, and {OLDEST_VERSION} is needed"
        results.append(wrong(name, words, "upgrade it"))
    if row.encoding != "UTF8":
        words = f"its encoding is {row.encoding}"
        remedy = "create a database with ENCODING 'UTF8', and restore into it"
        results.append(wrong(name, words, remedy))
    if row.used > FULL * row.most:
        words = f"{row.used} of {row.most} connections are in use"
        results.append(warning(name, words, "a larger instance, or PgBouncer: docs/scaling.md"))
    return results


def _connection_problems(row: Any, installation: Installation) -> list[Result]:
    name, results = "database", []
    if row.is_superuser:
        remedy = "give it a role of its own that can only read and write rows"
        results.append(warning(name, "Linky's role is a superuser", remedy))
    if not row.is_encrypted and not is_local(make_url(installation.runtime.database_url)):
        remedy = "add ?sslmode=verify-full to the URL"
        results.append(wrong(name, "the connection is not encrypted", remedy))
    return results


async def check_migrations(installation: Installation) -> Sequence[Result]:
    name, head = "migrations", migrations.head()
    async with installation.runtime.reading() as ctx:
        if not await ctx.db.first(_HAS_TABLES):
            return [wrong(name, "the database has no tables", "linky migrate")]
        revision = await ctx.db.first(_REVISION)
        unfinished = await ctx.db.all(_UNFINISHED_INDEXES)
    results = []
    if revision != head and migrations.is_known(revision):
        words = f"at {revision}, this release has {head}"
        if migrations.is_enough(revision):
            results.append(warning(name, words, "linky migrate --contract, if all servers are new"))
        else:
            results.append(wrong(name, words, "linky migrate"))
    if unfinished:
        words = f"indexes that were not finished: {', '.join(unfinished)}"
        remedy = "DROP INDEX CONCURRENTLY each, and linky migrate"
        results.append(wrong(name, words, remedy))
    later = "" if revision == head else " (a later release's; this one works with it)"
    return results or [ok(name, f"at {revision}{later}")]


async def check_jobs(installation: Installation) -> Sequence[Result]:
    async with installation.runtime.reading() as ctx:
        counts = await job_counts(ctx.db)
    name, results = "jobs", []
    if counts.oldest_age_seconds > OLDEST_JOB.total_seconds():
        minutes = counts.oldest_age_seconds / 60
        words = f"{counts.waiting} wait, the oldest for {minutes:.0f} min"
        results.append(wrong(name, words, 'is a worker running? docs/operations.md, "Jobs"'))
    if counts.failed:
        dead = ", ".join(f"{job} {count}" for job, count in sorted(counts.failed.items()))
        results.append(warning(name, f"dead: {dead}", "linky jobs list"))
    return results or [ok(name, f"{counts.waiting} wait, none is dead")]


async def check_reports(installation: Installation) -> Sequence[Result]:
    async with installation.runtime.reading() as ctx:
        queue = await ctx.service(ReportService).measure_queue()
    if queue.overdue:
        words = f"{queue.overdue} are overdue"
        return [warning("reports", words, "decide on them in /admin/reports")]
    return [ok("reports", "none is overdue")]


async def check_counts(installation: Installation) -> Sequence[Result]:
    """Recount a random sample of rows of each kind."""
    name, checked = "counts", 0
    wrong_kinds: list[str] = []
    slow: list[Result] = []
    for count in installation.counts:
        try:
            rows, is_right = await _check_sample(installation, count)
        except Exception as error:
            if not took_too_long(error):
                raise
            slow.append(untried(name, f"{count.kind}: too many rows for a quick check"))
            continue
        checked += rows
        wrong_kinds += [] if is_right else [count.kind]
    if wrong_kinds:
        words = f"of {checked} checked some are wrong: {', '.join(wrong_kinds)}"
        return [warning(name, words, "linky recount"), *slow]
    return [ok(name, f"{checked} checked, none is wrong"), *slow]


async def _check_sample(installation: Installation, count: Count) -> tuple[int, bool]:
    """Returns how many rows were recounted, and whether all of them are right."""
    async with installation.runtime.reading() as ctx:
        ids = await sample_ids(ctx.db, count, SAMPLE)
        wrong_counts = await find_wrong(ctx.db, [count], ids=ids)
    return len(ids), not wrong_counts
