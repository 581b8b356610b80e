"""A feature's own figures in `/metrics`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from app.runtime.context import Context


@dataclass(frozen=True)
class Measure:
    """A feature's own figures. `GET /metrics` reads them from the database."""

    gauges: Mapping[str, str]
    """Descriptions by name."""

    read: Callable[[Context], Awaitable[Mapping[str, float]]]
    """Reads the values by name."""
