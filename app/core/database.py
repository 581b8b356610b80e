"""PostgreSQL: its settings, and the base of all tables."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from sqlalchemy import (
    CheckConstraint,
    DateTime,
    MetaData,
    Select,
    Uuid,
    func,
    make_url,
    text,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

from app.core.settings.database_tls import tls_context

POOL_SIZE = 10
READER_POOL_SIZE = 5
WRITER_POOL_SIZE = 5
SEARCH_POOL_SIZE = 3
CONNECT_SECONDS = 2.0
POOL_WAIT_SECONDS = 2.0
ANSWER_SECONDS = 2.5
"""A bound for a server or network that stops answering, where the server's own timeouts don't help.
A 503 is due within five seconds.
"""

SERVER_SETTINGS = {
    "application_name": "linky",
    "timezone": "UTC",
    # A request that the database can't answer in time gets a 503 instead of waiting on.
    "statement_timeout": "2300ms",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",
}

API_NAME = "linky-api"
"""The connections of a server's process begin their name with it, so that `doctor` can count them.
"""

type AnySelect = Select[*tuple[Any, ...]]


class Base(DeclarativeBase):
    """The base of every table. Constraints have names, by which errors are recognised."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        }
    )


UuidPk = Annotated[UUID, mapped_column(Uuid, primary_key=True, server_default=text("uuidv7()"))]
"""A UUIDv7 made by the database. It is ordered by time, so it works as a keyset."""

CreatedAt = Annotated[
    datetime, mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A CHECK constraint. `values` are the only texts that the column may hold."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def in_displayable_years(column: str) -> CheckConstraint:
    """A CHECK constraint on a time: neither `infinity`, nor a year that no zone can convert."""
    return CheckConstraint(
        f"{column} >= '2000-01-01 00:00:00+00' AND {column} < '9000-01-01 00:00:00+00'", name=column
    )


def postgres_name_of_api() -> str:
    """With this name `pg_stat_activity` shows the connections of a process that serves requests."""
    return f"{API_NAME} {os.getpid()} {socket.gethostname()}"[:63]


def asyncpg_arguments(url: str, server_name: str | None = None) -> dict[str, Any]:
    """asyncpg's arguments for a URL in SQLAlchemy's form, for connections outside the pool.

    `server_name` is the database's own name if the URL leads to a tunnel.
    """
    made = make_url(url)
    arguments: dict[str, Any] = dict(made.get_dialect()().create_connect_args(made)[1])
    # Arguments of SQLAlchemy's adapter, which asyncpg does not know.
    for name in ("prepared_statement_cache_size", "prepared_statement_name_func"):
        arguments.pop(name, None)
    arguments.pop("sslrootcert", None)
    context = tls_context(made, server_name)
    return arguments | ({"ssl": context} if context else {})


@contextmanager
def broken_means(constraint: str, meaning: type[Exception]) -> Iterator[None]:
    """Raises `meaning` where a statement breaks this constraint.

    Of a foreign key: what a row points to was deleted while the statement waited for it. Of a
    unique key: another transaction was first.
    """
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        if error.constraint_name == constraint:
            raise meaning from None
        raise
