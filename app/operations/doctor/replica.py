"""Check of the read replica: whether servers may read from it, and how far it is behind."""

from collections.abc import Sequence

from app.core.settings.database_tls import is_verified
from app.operations.database_url import database_url
from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, untried, warning, wrong

NAME = "replica"
RUNBOOK = 'docs/scaling.md, "Read replica"'
FAR_BEHIND = 64 * 1024 * 1024
"""In bytes of the write-ahead log. A replica that keeps up is some kilobytes behind."""


async def check_replica(installation: Installation) -> Sequence[Result]:
    """Asks both servers, as our servers do before they read."""
    settings = installation.settings
    if settings.database_replica_url is None:
        return [untried(NAME, "LINKY_DATABASE_REPLICA_URL is not set")]
    from app.runtime.replica.failures import ReplicaAway
    from app.runtime.replica.probe import open_probe

    try:
        async with open_probe(database_url(settings), settings.database_replica_url) as probe:
            state = await probe.look()
    except ReplicaAway as why:
        words = f"it can't be read ({why}), so the primary serves all reads"
        return [wrong(NAME, words, RUNBOOK)]
    behind = max(0, state.flushed - state.replayed)
    words = f"{behind / 1024:.0f} KiB behind"
    if behind > FAR_BEHIND:
        return [warning(NAME, words, RUNBOOK)]
    if settings.is_production and not is_verified(settings.database_replica_url):
        remedy = "remove sslmode from LINKY_DATABASE_REPLICA_URL, or set verify-full"
        return [warning(NAME, "its certificate is not verified", remedy)]
    return [ok(NAME, words)]
