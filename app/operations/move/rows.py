"""The rows of an imported community: what the types and constraints of the database let through.

The database refuses invalid ids, roles and references. A value that it accepts, but that a
server could not work with, is refused here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Date, DateTime, Table
from sqlalchemy.dialects.postgresql import JSONB

from app.core.clock import utc_now
from app.core.passwords.foreign import is_checkable
from app.core.picture_keys import registered_pictures
from app.integrations.storage.keys import is_picture_key
from app.operations.move.archive import Archive, CantMove
from app.operations.move.users import EARLIEST
from app.user.models import User

AHEAD = timedelta(days=36_525)
"""How far a time may be ahead: a hundred years. A suspension and an announcement have ten."""

type Check = Callable[[Any], bool]


def rows_of(archive: Archive, table: Table, columns: Sequence[str]) -> Iterator[bytes]:
    """The rows of a table as JSON objects with these columns. Raises CantMove, OSError."""
    name = f"tables/{table.name}.jsonl"
    checks = _checks_of(table)
    for number, line in archive.lines(name):
        where = f"{name}, line {number}"
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise CantMove(f"{name} is damaged in line {number}") from None
        if not isinstance(row, dict):
            raise CantMove(f"{name} is damaged in line {number}")
        for column in columns:
            value = row.get(column)
            if value is not None and column in checks and not checks[column](value):
                raise CantMove(f"{where}: {column} has a value that no server writes")
        try:
            # Written anew: the database gets what was looked at, and nothing beside it.
            yield orjson.dumps({column: row.get(column) for column in columns})
        except orjson.JSONEncodeError:  # Too deep.
            raise CantMove(f"{name} is damaged in line {number}") from None


def _checks_of(table: Table) -> Mapping[str, Check]:
    """By the names of columns. None is never looked at: the database knows where it may be."""
    latest = utc_now() + AHEAD
    checks: dict[str, Check] = {}
    for column in table.columns:
        if isinstance(column.type, DateTime):
            checks[column.name] = lambda value: _is_moment(value, latest)
        elif isinstance(column.type, Date):
            checks[column.name] = lambda value: _is_day(value, latest.date())
        elif isinstance(column.type, JSONB):
            checks[column.name] = lambda value: isinstance(value, dict)
    for keys in registered_pictures():
        for key in keys.columns:
            if key.class_.__table__ is table:
                checks[key.key] = lambda value: isinstance(value, str) and is_picture_key(value)
    if table is User.__table__:
        checks[User.password_hash.key] = lambda value: (
            isinstance(value, str) and is_checkable(value)
        )
        # Their erasure was a job, which stayed behind.
        checks[User.left_at.key] = lambda value: False
    return checks


def _is_moment(value: Any, latest: datetime) -> bool:
    """Not `infinity`, nor `today`, which the database would take, too."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return moment.tzinfo is not None and EARLIEST <= moment <= latest


def _is_day(value: Any, latest: date) -> bool:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return EARLIEST.date() <= day <= latest
