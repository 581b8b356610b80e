"""The table of a run."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

type Times = dict[tuple[str, str], list[float]]

BEFORE, AFTER = "before", "after"


@dataclass
class Results:
    """CPU microseconds by operation and tree, and what was refused."""

    times: Times = field(default_factory=dict)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, operation: str, tree: str, times: Sequence[float]) -> None:
        self.times.setdefault((operation, tree), []).extend(times)

    def median(self, operation: str, tree: str) -> float | None:
        """None where the tree did not answer the operation."""
        key = (operation, tree)
        if key in self.refused or key not in self.times:
            return None
        return statistics.median(self.times[key])


def spread(times: Sequence[float]) -> float:
    """Half the distance between the quartiles, as a share of the median."""
    if len(times) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(times, n=4)
    return (high - low) / 2 / middle


def lines_of(results: Results, operations: Sequence[str], named: Sequence[str]) -> list[str]:
    """A line for each operation, the sum of those that both answer, and the named ones again."""
    head = f"{'CPU µs a request':52}{BEFORE:>14}{AFTER:>14}{'ratio':>8}"
    both = [one for one in operations if None not in _medians(results, one).values()]
    sums = {
        tree: sum(_medians(results, one)[tree] or 0 for one in both) for tree in (BEFORE, AFTER)
    }
    lines = [head, *(_line(results, one) for one in operations)]
    lines += ["", f"{f'the sum of {len(both)}':52}" + _figures(sums, {})]
    return [*lines, *(_line(results, one) for one in named if one in operations)]


def _line(results: Results, operation: str) -> str:
    spreads = {tree: spread(results.times.get((operation, tree), [])) for tree in (BEFORE, AFTER)}
    return f"{operation:52}" + _figures(_medians(results, operation), spreads)


def _medians(results: Results, operation: str) -> dict[str, float | None]:
    return {tree: results.median(operation, tree) for tree in (BEFORE, AFTER)}


def _figures(micros: Mapping[str, float | None], spreads: Mapping[str, float]) -> str:
    cells = []
    for tree in (BEFORE, AFTER):
        found = micros[tree]
        cell = "-" if found is None else f"{found:.0f}"
        cells.append(cell + (f" ± {spreads[tree]:2.0%}" if found and tree in spreads else ""))
    before, after = micros[BEFORE], micros[AFTER]
    ratio = f"{after / before:.2f}" if before and after else "-"
    return f"{cells[0]:>14}{cells[1]:>14}{ratio:>8}"
