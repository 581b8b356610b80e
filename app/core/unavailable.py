"""Recognises the errors of a database or store that is down or too slow."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Unavailable(Exception):
    """An outside service, such as the store, is out of reach or refuses. The API answers 503."""


OUT_OF_REACH = (OSError, InterfaceError, OperationalError, PoolTimeout, Unavailable)
"""The errors of a database or store that is down. asyncpg raises a bare OSError too."""

_UNAVAILABLE_SQLSTATES = (
    asyncpg.exceptions.CannotConnectNowError,
    asyncpg.exceptions.AdminShutdownError,
    asyncpg.exceptions.CrashShutdownError,
    asyncpg.exceptions.TooManyConnectionsError,
    asyncpg.exceptions.QueryCanceledError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.DeadlockDetectedError,
    asyncpg.exceptions.PostgresConnectionError,
    # The server is up, but refuses our login or lacks the database.
    asyncpg.exceptions.InvalidAuthorizationSpecificationError,
    asyncpg.exceptions.InvalidCatalogNameError,
)


def is_not_migrated(error: BaseException) -> bool:
    """Whether an error says that a table does not exist."""
    cause = getattr(getattr(error, "orig", None), "__cause__", None)
    return isinstance(cause, asyncpg.exceptions.UndefinedTableError)


def took_too_long(error: BaseException) -> bool:
    """Whether an error says that a statement timed out."""
    cause = getattr(getattr(error, "orig", None), "__cause__", None)
    return isinstance(error, TimeoutError) or isinstance(
        cause, asyncpg.exceptions.QueryCanceledError
    )


def is_unavailable(error: BaseException) -> bool:
    """Whether an error says that the database or the store is out of reach or too slow."""
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        return error.connection_invalidated or isinstance(cause, _UNAVAILABLE_SQLSTATES)
    return isinstance(error, (*OUT_OF_REACH, *_UNAVAILABLE_SQLSTATES))
