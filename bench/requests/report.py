"""The result as a table for the terminal, and as tables for docs/performance.md."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.document import machine, write_figures
from bench.requests.cases import LIMIT, Case
from bench.requests.measure import Figures, Results


@dataclass(frozen=True, slots=True)
class Run:
    scale: float
    rounds: int
    commit: str
    postgresql: str
    load: float
    """How many processes wanted a core when the run began. More than none is other work."""

    variants: Sequence[str]
    cases: Sequence[Case]
    results: Results

    def machine(self) -> str:
        return machine(self.postgresql, self.load)


def print_table(run: Run) -> None:
    print(
        f"\n{'':20}{'':15}{'server':>9}{'database':>10}{'spread':>8}{'share':>7}"
        f"{'req/s':>8}{'median':>9}{'99 %':>9}{'statements':>12}{'round':>7}"
    )
    print(f"{'':20}{'':15}{'µs':>9}{'µs':>10}{'':24}{'ms':>8}{'ms':>9}{'':>12}{'trips':>7}")
    for case in run.cases:
        for number, variant in enumerate(run.variants):
            name = case.name if number == 0 else ""
            print(f"{name:20}{variant:15}{_line(run.results, case.name, variant)}")
    for (case_name, variant), failure in run.results.failures.items():
        print(f"FAILED: {variant}, {case_name}: {failure}")
    print(f"\nscale {run.scale:g}, {run.rounds} rounds, {run.commit}; {run.machine()}")


def _line(results: Results, case: str, variant: str) -> str:
    figures = results.figures(case, variant)
    if figures is None:
        return f"{_missing(results, case, variant):>9}"
    share = results.share(case, variant, LIMIT)
    calls = results.calls.get((case, variant))
    sent = f"{calls.statements:12}{calls.round_trips:7}" if calls else ""
    return (
        f"{figures.own:9.0f}{figures.database:10.0f}{figures.spread:8.0%}{_number(share):>7}"
        f"{figures.requests_a_second:8.0f}{figures.latency(50):9.1f}{figures.latency(99):9.1f}{sent}"
    )


def _missing(results: Results, case: str, variant: str) -> str:
    """A dash, or the status by which the variant dropped out of the case."""
    failure = results.failures.get((case, variant))
    return f"{failure.status}!" if failure else "-"


def _number(share: float | None) -> str:
    return "-" if share is None else f"{share:.2f}"


def write_document(run: Run) -> None:
    """Replace the figures in docs/performance.md."""
    write_figures("requests", figures_of(run))


def figures_of(run: Run) -> Iterator[str]:
    """The tables for docs/performance.md."""
    yield (
        f"Scale {run.scale:g} ({_size(run.scale)} posts), {run.rounds} rounds, commit"
        f" {run.commit}. {run.machine()}."
    )
    yield ""
    yield "CPU µs per request: server + PostgreSQL, the spread, and the share of the limit."
    yield ""
    yield from _grid(run, _cost)
    yield ""
    yield "Requests per second over eight connections; median and 99th percentile in ms."
    yield ""
    yield from _grid(run, _speed)
    yield ""


def _size(scale: float) -> str:
    return f"{round(1_000_000 * scale):,}"


def _grid(run: Run, cell: Callable[[Run, Case, str, Figures], str]) -> Iterator[str]:
    yield f"| | {' | '.join(run.variants)} |"
    yield "|---|" + "---|" * len(run.variants)
    for case in run.cases:
        cells = (
            cell(run, case, variant, figures)
            if (figures := run.results.figures(case.name, variant))
            else _missing(run.results, case.name, variant)
            for variant in run.variants
        )
        yield f"| {case.name} | {' | '.join(cells)} |"


def _cost(run: Run, case: Case, variant: str, figures: Figures) -> str:
    share = run.results.share(case.name, variant, LIMIT)
    ending = "" if share is None or variant == LIMIT else f", **{share:.2f}**"
    return f"{figures.own:.0f} + {figures.database:.0f} ± {figures.spread:.0%}{ending}"


def _speed(_run: Run, _case: Case, _variant: str, figures: Figures) -> str:
    latencies = f"{figures.latency(50):.1f}, {figures.latency(99):.1f}"
    return f"{figures.requests_a_second:.0f}/s; {latencies}"
