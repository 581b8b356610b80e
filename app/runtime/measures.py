"""A feature's own figures in `/metrics`."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from app.runtime.context import Context


@dataclass(frozen=True)
class Measure:
    """A feature's own figures. `GET /metrics` reads them from the database."""

    gauges: Mapping[str, str]
    """Descriptions by name."""

    read: Callable[[Context], Awaitable[Mapping[str, float]]]
    """Reads the values by name."""


def gauges_of(measures: Iterable[Measure]) -> dict[str, str]:
    """The descriptions of all gauges, by name."""
    return {name: text for measure in measures for name, text in measure.gauges.items()}
