"""Conditions on tables that are nearly always empty."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, cast, func


def not_among(value: Any, few: Select[UUID]) -> ColumnElement[bool]:
    """That a value, which may be NULL, is not among the few that a statement finds.

    The planner expects to lose half of the rows by NOT IN, and more by an array where values
    repeat. Then it sorts a list instead of reading it along its index. Of an unknown number it
    expects that it differs from 1.
    """
    found = cast(value == func.any(func.array(few.scalar_subquery())), Integer)
    return func.coalesce(found, 0) != 1
