"""The result as a table for the terminal, and as tables for docs/performance.md."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.document import machine
from bench.requests.measure import Figures, Sample
from bench.scale.measure import Measured, database, wall, work

GROWTH, DEPTH = 1.3, 1.2
"""By how much a list's `work` may grow with the data set, and from page 1 to page 1,000."""

SMALLEST_TABLE = 2**23
_SIZES = """
    SELECT tables.relname AS of, tables.reltuples::bigint AS rows, each.relname AS name,
           pg_relation_size(each.oid) AS bytes
    FROM pg_class tables
    JOIN LATERAL (
        SELECT oid, relname, 0 AS place FROM pg_class WHERE oid = tables.oid
        UNION ALL
        SELECT oid, relname, 1 FROM pg_class JOIN pg_index ON indexrelid = oid
        WHERE indrelid = tables.oid
    ) each ON true
    WHERE tables.relkind = 'r' AND tables.relnamespace = 'public'::regnamespace
      AND pg_relation_size(tables.oid) > $1
    ORDER BY pg_relation_size(tables.oid) DESC, tables.relname, place, bytes DESC
"""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a table or an index. `rows` are the table's."""

    of: str
    rows: int
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class ScaleRun:
    scales: tuple[float, float]
    rounds: int
    commit: str
    postgresql: str
    load: float
    lists: Mapping[str, Measured]
    sizes: Sequence[Size]

    def missed(self) -> list[str]:
        grown = [
            name for name, one in self.lists.items() if one.growth(work) > GROWTH and not one.grows
        ]
        deep = [name for name, one in self.lists.items() if one.deep and one.depth(work) > DEPTH]
        return grown + [f"{name}, page {self.lists[name].page:,}" for name in deep]


async def read_sizes(connection: Any) -> list[Size]:
    """Of the large tables and their indexes."""
    return [Size(*row) for row in await connection.fetch(_SIZES, SMALLEST_TABLE)]


def print_scale(run: ScaleRun) -> None:
    print(f"\n{'':28}{'small':>18}{'big':>18}{'ratios':>18}{'deep':>18}{'page':>7}{'ratios':>18}")
    for name, one in run.lists.items():
        line = f"{name:28}{_cost(one.small):>18}{_cost(one.big):>18}{_growth(one):>18}"
        print(line + (f"{_cost(one.deep):>18}{one.page:7,}{_depth(one):>18}" if one.deep else ""))
    print("CPU µs, server + PostgreSQL ± the spread; ratios of both, of PostgreSQL, of the time")
    for size in run.sizes:
        print(f"{size.of:20}{size.rows:12,}  {size.name:40}{size.bytes / 2**20:10,.0f} MiB")


def scale_figures(run: ScaleRun) -> Iterator[str]:
    """The tables for docs/performance.md."""
    small, big = (f"{round(1_000_000 * scale):,} posts" for scale in run.scales)
    yield f"{run.rounds} rounds, commit {run.commit}. {machine(run.postgresql, run.load)}."
    yield ""
    yield "CPU µs of the server + PostgreSQL ± the spread; and the ratios of both together, of"
    yield "PostgreSQL alone, and of the median time. A goal that was missed is bold."
    yield ""
    yield f"| | {small} | {big} | ratios | deep page | ratios |"
    yield "|---|---|---|---|---|---|"
    for name, one in run.lists.items():
        deep = f"{one.page:,}: {_cost(one.deep)} | {_depth(one)}" if one.deep else " | "
        yield f"| {name} | {_cost(one.small)} | {_cost(one.big)} | {_growth(one)} | {deep} |"
    yield ""
    yield "| table | rows | | MiB | bytes a row |"
    yield "|---|---|---|---|---|"
    for size in run.sizes:
        table = f"{size.of} | {size.rows:,}" if size.of == size.name else " | "
        mebibytes, each = size.bytes / 2**20, size.bytes / max(1, size.rows)
        yield f"| {table} | {size.name} | {mebibytes:,.0f} | {each:.0f} |"
    yield ""


def _cost(samples: Sequence[Sample]) -> str:
    figures = Figures(list(samples))
    return f"{figures.own:.0f} + {figures.database:.0f} ± {figures.spread:.0%}"


def _growth(one: Measured) -> str:
    return _ratios(one.growth, GROWTH)


def _depth(one: Measured) -> str:
    return _ratios(one.depth, DEPTH)


def _ratios(ratio: Callable[[Callable[[Sample], float]], float], goal: float) -> str:
    return f"{_marked(ratio(work), goal)}, {ratio(database):.2f}, {ratio(wall):.2f}"


def _marked(ratio: float, goal: float) -> str:
    return f"{ratio:.2f}" if ratio <= goal else f"**{ratio:.2f}**"
