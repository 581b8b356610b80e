"""Recognises the errors of a database or store that is down or too slow."""

import asyncpg


class Unavailable(Exception):
    """An outside service, such as the store, is out of reach or refuses. The API answers 503."""


OUT_OF_REACH = (OSError, Unavailable)
"""The errors of a database or store that is down. A TimeoutError is an OSError too."""

_UNAVAILABLE_SQLSTATES = (
    # Class 53: out of connections, of memory, of disk.
    asyncpg.exceptions.InsufficientResourcesError,
    # Class 57: a stop, a start, a statement that took too long.
    asyncpg.exceptions.OperatorInterventionError,
    # Class 58: the disk fails.
    asyncpg.exceptions.PostgresSystemError,
    # Class 40: deadlocks, and what another transaction did at the same time.
    asyncpg.exceptions.TransactionRollbackError,
    asyncpg.exceptions.PostgresConnectionError,
    asyncpg.exceptions.LockNotAvailableError,
    # A standby, or a database whose disk is nearly full, which its operator has made read-only.
    asyncpg.exceptions.ReadOnlySQLTransactionError,
    asyncpg.exceptions.IdleInTransactionSessionTimeoutError,
    asyncpg.exceptions.TransactionTimeoutError,
    # The server is up, but refuses our login or lacks the database.
    asyncpg.exceptions.InvalidAuthorizationSpecificationError,
    asyncpg.exceptions.InvalidCatalogNameError,
)


def is_not_migrated(error: BaseException) -> bool:
    """A table does not exist."""
    return isinstance(error, asyncpg.exceptions.UndefinedTableError)


def took_too_long(error: BaseException) -> bool:
    """A statement timed out."""
    return isinstance(error, (TimeoutError, asyncpg.exceptions.QueryCanceledError))


def is_unavailable(error: BaseException) -> bool:
    """The database or the store is out of reach or too slow."""
    if isinstance(error, asyncpg.InterfaceError):
        # "connection is closed" and the like. A wrong argument is our own mistake.
        return not isinstance(error, asyncpg.DataError)
    return isinstance(error, (*OUT_OF_REACH, *_UNAVAILABLE_SQLSTATES)) or _was_closed(error)


def _was_closed(error: BaseException) -> bool:
    """Whether a connection ended a moment ago, before its driver noticed.

    If asyncpg writes to it, uvloop raises a bare error. If asyncpg has read half of PostgreSQL's
    farewell, it takes the connection for busy. Either way nothing was sent.
    """
    if isinstance(error, asyncpg.InternalClientError):
        return str(error).startswith("cannot switch to state")
    return type(error) is RuntimeError and str(error).endswith("the handler is closed")
