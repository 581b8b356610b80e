"""Check of the pooler: whether each pool of the server signs in as its role, with its settings."""

from collections.abc import Sequence

import asyncpg

from app.core.database import CONNECT_SECONDS, asyncpg_arguments
from app.core.pooled import PASSED_ON, POOL_ROLES, PoolRole
from app.operations.database_url import pooler_url
from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, wrong

NAME = "pooler"
RUNBOOK = 'docs/scaling.md, "PgBouncer"'

_PREPARED = "SELECT name FROM pg_prepared_statements WHERE statement LIKE '%' || $1 || '%'"
_MARK = "linky doctor looks for this statement"


async def check_pooler(installation: Installation) -> Sequence[Result]:
    if (url := pooler_url(installation.settings)) is None:
        return []
    problems = [result for role in POOL_ROLES for result in await _problems(role, url)]
    return problems or [ok(NAME, f"{len(POOL_ROLES)} roles sign in, with their settings")]


async def _problems(role: PoolRole, url: str) -> list[Result]:
    try:
        connection = await asyncpg.connect(
            **asyncpg_arguments(role.url(url)), timeout=CONNECT_SECONDS, server_settings=PASSED_ON
        )
    except (asyncpg.PostgresError, OSError) as error:
        words = f"the role for {role.suffix} can't sign in ({type(error).__name__})"
        return [wrong(NAME, words, f"linky bootstrap-database; linky pooler-users; {RUNBOOK}")]
    try:
        return [*await _wrong_settings(role, connection), *await _unprepared(connection)]
    finally:
        await connection.close()


async def _wrong_settings(role: PoolRole, connection: asyncpg.Connection) -> list[Result]:
    wanted = role.settings
    # PostgreSQL shows 2300ms as it was set, and 30s too.
    values = await connection.fetchrow(
        f"SELECT {', '.join(f"current_setting('{name}')" for name in wanted)}"
    )
    differing = [name for name, value in zip(wanted, values, strict=True) if value != wanted[name]]
    if not differing:
        return []
    words = f"the role for {role.suffix} lacks its {', '.join(differing)}"
    return [wrong(NAME, words, "linky bootstrap-database, and restart the pooler")]


async def _unprepared(connection: asyncpg.Connection) -> list[Result]:
    """Report a pooler that passes the names of prepared statements on as they are.

    Two clients with one name would then fail, or run each other's statement.
    """
    async with connection.transaction():
        statement = await connection.prepare(f'SELECT 1 AS "{_MARK}"', name="linky_doctor")
        await statement.fetch()
        names = [row["name"] for row in await connection.fetch(_PREPARED, _MARK)]
    if "linky_doctor" not in names:
        return []
    words = "it does not prepare statements itself, so requests would fail"
    return [wrong(NAME, words, f"PgBouncer 1.21 with max_prepared_statements; {RUNBOOK}")]
