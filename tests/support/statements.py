"""Records the statements that are sent to PostgreSQL, and explains their plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from app.core.pool import ALONG_INDEXES
from app.runtime.runtime import Runtime
from tests.support.beside import raw_connection
from tests.support.pools import END_CHECK, listening
from tests.support.world import World

type Sent = list[tuple[str, Any]]

_TYPES = ("set_config('jit'", "typeinfo_tree")
"""Parts of what asyncpg asks about a type that a connection meets for the first time."""

_BESIDE = ("live_advance", "live_epoch", *_TYPES, *(c.strip() for c in END_CHECK.split(";")))
"""Not of a request: the position of the log is asked for at intervals, and tests check."""


def is_beside(statement: str) -> bool:
    """Whether a statement does not belong to the request during which it was sent."""
    return any(part in statement for part in _BESIDE)


@contextmanager
def statements(runtime: Runtime) -> Iterator[Sent]:
    """The statements that are sent during the block, with parameters; BEGIN and COMMIT too."""
    sent: Sent = []

    def add(statement: str, parameters: Any) -> None:
        if not is_beside(statement):
            sent.append((statement, tuple(parameters)))

    with listening(runtime.pools, add):
        yield sent


def nodes(plan: dict[str, Any], *, within_rows: bool = True) -> Iterator[dict[str, Any]]:
    """The nodes of a plan; without `within_rows` only those that make the list of rows."""
    yield plan
    for child in plan.get("Plans", ()):
        if within_rows or child["Parent Relationship"] != "SubPlan":
            yield from nodes(child, within_rows=within_rows)


async def explain(
    world: World,
    statement: str,
    parameters: Any,
    mode: str,
    *,
    as_reader: bool = False,
    verbose: bool = False,
) -> dict[str, Any]:
    """The plan of a prepared statement: for its values, or the generic one.

    For the generic one all values may be None. `as_reader` plans as the reader's connections do.
    `verbose` names the table of each column.
    """
    values = ", ".join(map(_literal, parameters))
    async with raw_connection(world.runtime) as raw:
        await raw.execute(f"PREPARE hot AS {statement}")
        settings = (ALONG_INDEXES if as_reader else {}) | {"plan_cache_mode": mode}
        for name, value in settings.items():
            await raw.execute(f"SET {name} = {value}")
        found = await raw.fetchval(
            f"EXPLAIN (VERBOSE {verbose}, FORMAT JSON) EXECUTE hot({values})"
        )
        for name in settings:
            await raw.execute(f"RESET {name}")
        await raw.execute("DEALLOCATE hot")
    explained = found if isinstance(found, list) else orjson.loads(found)
    plan: dict[str, Any] = explained[0]["Plan"]
    return plan


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"'{{{','.join(map(str, value))}}}'"
    return "NULL" if value is None else f"'{value}'"
