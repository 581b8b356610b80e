"""Conditions on tables that are nearly always empty."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, cast, func


def not_among(value: Any, few: Select[UUID]) -> ColumnElement[bool]:
    """A condition: `value`, which may be NULL, is not in a list that is nearly always empty.

    With NOT IN the planner expects to lose half of the rows, and more with an array of repeated
    values. Then it sorts the list instead of reading it along its index. It expects a number that
    it can't estimate to differ from 1, which is right here.
    """
    is_among = cast(value == func.any(func.array(few.scalar_subquery())), Integer)
    return func.coalesce(is_among, 0) != 1
