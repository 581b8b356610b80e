"""How a replica fails, and after which failures it is not used for a while."""

from enum import StrEnum

import asyncpg

from app.core.unavailable import is_unavailable


class ReplicaFailure(StrEnum):
    """Why a replica can't be used. The values are labels in the metrics."""

    UNREACHABLE = "unreachable"
    """No connection, or it was lost."""

    SILENT = "silent"
    """No answer in time, or no connection of the pool got free."""

    REFUSED = "refused"
    """It starts or shuts down, has no connection left, or refuses our login."""

    PROMOTED = "promoted"
    """It replicates no more: it takes writes of its own."""

    STRANGER = "stranger"
    """It is another database's replica, or follows the old primary after a failover."""

    ELSEWHERE = "elsewhere"
    """A new connection led to another server, or to one that knows less than before."""

    PRIMARY = "primary"
    """The primary could not be asked, so how far the replica is behind is unknown."""

    CONFLICT = "conflict"
    """It cancelled a statement that kept it from replaying, or that took too long."""

    ERROR = "error"
    """The statement got another error. The replica is not the cause if the primary gives it too."""


class ReplicaAway(Exception):
    """The replica can't be used. The text is for operators, and never quotes the URL."""

    def __init__(self, failure: ReplicaFailure, detail: str = "") -> None:
        super().__init__(f"{failure}: {detail}" if detail else failure.value)
        self.failure = failure
        self.detail = detail


_CANCELLED = (asyncpg.SerializationError, asyncpg.QueryCanceledError, asyncpg.DeadlockDetectedError)
_REFUSALS = (
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)

OF_ONE_STATEMENT = (ReplicaFailure.CONFLICT, ReplicaFailure.ERROR)
"""After any other failure nothing is read from the replica until it has answered a probe."""


def failure_of(error: Exception) -> ReplicaFailure:
    """Classifies the error of a statement or connection."""
    if isinstance(error, ReplicaAway):
        return error.failure
    if isinstance(error, TimeoutError):
        return ReplicaFailure.SILENT
    if isinstance(error, _CANCELLED):
        return ReplicaFailure.CONFLICT
    if isinstance(error, _REFUSALS):
        return ReplicaFailure.REFUSED
    return ReplicaFailure.UNREACHABLE if is_unavailable(error) else ReplicaFailure.ERROR
