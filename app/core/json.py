"""Serialises rows and models as JSON."""

from typing import Any

import orjson
from pydantic import BaseModel

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def to_json(value: Any) -> bytes:
    """Ids become strings, times UTC with `Z`."""
    return orjson.dumps(value, default=_other, option=_OPTIONS)


def _other(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.__dict__  # Its fields. `dict(value)` takes ten times as long.
    return str(value)  # asyncpg has a UUID class of its own.
