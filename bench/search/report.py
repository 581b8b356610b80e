"""The result as a table for the terminal, and for docs/performance.md."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.document import write_figures
from bench.search.measure import Results, Searched, Sizes

MEDIAN_MS, SLOWEST_MS = 20, 250
LARGEST = 2.1
"""The goals."""


@dataclass(frozen=True, slots=True)
class Run:
    about: str
    """The number of posts, the commit and the machine."""

    terms: Sequence[str]
    columns: Sequence[str]
    results: Results
    sizes: Sizes

    def of_column(self, column: str) -> list[Searched]:
        found = [self.results.get((term, column)) for term in self.terms]
        return [searched for searched in found if searched is not None]


def print_report(run: Run) -> None:
    print("\n".join([*lines_of(run), *_terms(run)]))


def write_document(run: Run) -> None:
    write_figures("searches", lines_of(run))


def lines_of(run: Run) -> Iterator[str]:
    """Markdown tables, without the single terms."""
    yield run.about
    yield ""
    yield from _summary(run)
    yield ""
    yield from _sizes(run.sizes)
    yield ""


def _summary(run: Run) -> Iterator[str]:
    yield f"| {len(run.terms)} terms, ms | CPU, PostgreSQL | CPU, server | wall | slowest, wall |"
    yield "|---|---|---|---|---|"
    for column in run.columns:
        found = run.of_column(column)
        if found:
            yield f"| {column} | {' | '.join(_medians(found))} |"
    found = list(run.results.values())
    yield f"| all | {' | '.join(_medians(found))} |"
    yield f"| goal | | | {MEDIAN_MS} | {SLOWEST_MS} |"


def _medians(found: Sequence[Searched]) -> Iterator[str]:
    for kind in (
        [searched.database for searched in found],
        [searched.server for searched in found],
        [searched.wall for searched in found],
    ):
        yield f"{statistics.median(kind):.1f}"
    yield f"{max(searched.slowest for searched in found):.0f}"


def _terms(run: Run) -> Iterator[str]:
    yield (
        "Each term: PostgreSQL's CPU / wall, in ms. **P**: part of a page, because time was up."
        " -: the search has no such page."
    )
    yield ""
    yield f"| | {' | '.join(run.columns)} |"
    yield "|---|" + "---|" * len(run.columns)
    for term in run.terms:
        cells = (_cell(run.results.get((term, column))) for column in run.columns)
        yield f"| `{term}` | {' | '.join(cells)} |"


def _cell(searched: Searched | None) -> str:
    if searched is None:
        return "-"
    return f"{searched.database:.1f} / {searched.wall:.1f}{' **P**' if searched.is_part else ''}"


def _sizes(sizes: Sizes) -> Iterator[str]:
    yield "| stored for searches | bytes a post | times the text |"
    yield "|---|---|---|"
    for name, size in (
        ("the folded text, with its lounge and id", sizes.words),
        ("its key", sizes.key),
        ("the index", sizes.index),
        ("all of it", sizes.words + sizes.key + sizes.index),
        ("the text itself", sizes.text),
    ):
        yield f"| {name} | {size / sizes.posts:.0f} | {size / sizes.text:.2f} |"
    yield f"| goal | | {LARGEST} |"
