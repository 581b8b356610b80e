"""Check of the rate limits: whether all processes count together."""

from collections.abc import Sequence

from sqlalchemy import text

from app.core.database import API_NAME
from app.core.settings.valkey_url import ValkeyAddress
from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, untried, warning, wrong
from app.runtime.factories import limits_secret

NAME = "limits"

_PROCESSES = text("""
    SELECT count(DISTINCT (application_name, client_addr)) FROM pg_stat_activity
    WHERE application_name LIKE :prefix AND datname = current_database()
""")


async def check_limits(installation: Installation) -> Sequence[Result]:
    settings = installation.settings
    if settings.rate_limits == "off":
        return [untried(NAME, "LINKY_RATE_LIMITS is off")]
    if (address := settings.limits_address) is not None:
        return await _check_valkey(address, limits_secret(settings))
    processes = max(settings.processes, await _count_processes(installation))
    if processes > 1:
        words = f"{processes} processes count each for itself, so a caller has {processes} limits"
        return [warning(NAME, words, "LINKY_LIMITS_URL: let them count together in Valkey")]
    if settings.database_pooled:
        words = (
            "behind the pooler servers can't be counted, and several would count each for itself"
        )
        return [warning(NAME, words, "LINKY_LIMITS_URL, if there are several")]
    return [ok(NAME, "counted in the server's memory")]


async def _check_valkey(address: ValkeyAddress, secret: bytes) -> list[Result]:
    """Connects and counts as a server does."""
    from app.integrations.valkey import ValkeyAway, ValkeyRateStore

    store = ValkeyRateStore(address, secret)
    try:
        await store.probe()
    except ValkeyAway as why:
        words = f"Valkey can't be used ({why}), so each process counts for itself"
        return [wrong(NAME, words, 'docs/scaling.md, "Valkey"')]
    finally:
        await store.close()
    if not address.is_safe:
        words = "the connection to Valkey is not encrypted"
        return [warning(NAME, words, "begin LINKY_LIMITS_URL with valkeys://")]
    return [ok(NAME, "counted in Valkey, for all processes")]


async def _count_processes(installation: Installation) -> int:
    async with installation.runtime.reading() as ctx:
        counted = await ctx.db.first(_PROCESSES, prefix=f"{API_NAME} %")
    return int(counted or 0)
