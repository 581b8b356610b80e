"""What a statement of a higher feature writes into the connection log: a part of its WITH."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    cast,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import INET

from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.models import ConnectionRecord
from app.core.sql.writes import insert_from, table_of
from app.runtime.context import Origin


def record(
    source: CTE,
    act: RecordedAct,
    subject: Subject,
    subject_id: ColumnElement[UUID],
    user_id: ColumnElement[UUID],
) -> CTE:
    """Records where the request came from, for each row of `source`.

    Takes `record_params`. Without an origin there is no record.
    """
    row: Mapping[str, ColumnElement[Any]] = {
        "act": literal_column(f"'{act}'"),
        "subject_type": literal_column(f"'{subject}'"),
        "subject_id": subject_id,
        "user_id": user_id,
        "address": cast(bindparam("address", type_=Text), INET),
        "port": bindparam("port", type_=Integer),
    }
    rows = select().select_from(source).where(bindparam("has_origin", type_=Boolean))
    records = table_of(ConnectionRecord)
    return insert_from(records, row, rows).returning(records.c.id).cte("record")


def record_params(origin: Origin | None) -> dict[str, Any]:
    """Parameters of `record`."""
    return {
        "has_origin": origin is not None,
        "address": origin.address if origin else None,
        "port": origin.port if origin else None,
    }
