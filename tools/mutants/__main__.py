"""Prints which mutants of services and policies survive the tests of their own feature.

A hundred mutants of a few features take some minutes. It exits with 1 if tests fail without a
mutant.
"""

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer

from tools.mutants.mutations import Mutant, mutants_of
from tools.mutants.running import Outcome, TestsFailed, Tried, try_mutants

AT_ONCE = 2
"""Features that are tried at the same time: the smallest machine that tests has two cores."""

_WIDTH = 16
"""The width of the longest feature's name."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the mutants of a feature. After an error the rest was not tried."""

    feature: str
    tried: Sequence[Tried]
    seconds: float
    error: str = ""


def main(
    features: Annotated[list[str] | None, typer.Argument(help="All, if you name none.")] = None,
    sample: Annotated[int, typer.Option(min=1, help="Mutants in all, not of each feature.")] = 100,
    seed: Annotated[int, typer.Option(help="A seed draws the same mutants of the same code.")] = 1,
    limit: Annotated[float, typer.Option(min=0.1, help="Seconds that a test may hang.")] = 30,
) -> None:
    begun = time.monotonic()
    known = features_with_rules()
    if unknown := set(features or ()) - known.keys():
        raise typer.BadParameter(f"without services and policies: {', '.join(sorted(unknown))}")
    mutants = drawn([path for name in features or known for path in known[name]], sample, seed)
    by_feature = [list(group) for _, group in groupby(mutants, _feature)]
    reports = []
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for report in threads.map(partial(tried, limit=limit), by_feature):
            reports.append(report)
            typer.echo("".join(f"{line}\n" for line in alive(report)), nl=False)
    typer.echo("\n".join(table(reports)))
    typer.echo(f"{time.monotonic() - begun:.0f} s in all")
    if errors := [f"{report.feature}: {report.error}" for report in reports if report.error]:
        typer.echo("\n".join(errors), err=True)
        raise typer.Exit(1)


def features_with_rules() -> Mapping[str, Sequence[str]]:
    """The files of each feature's services and policies."""
    found: dict[str, list[str]] = {}
    for pattern in ("policy.py", "service.py", "service/*.py"):
        for path in Path("app").glob(f"*/{pattern}"):
            found.setdefault(path.parts[1], []).append(str(path))
    return dict(sorted(found.items()))


def drawn(paths: Iterable[str], sample: int, seed: int) -> list[Mutant]:
    """Mutants of these files by chance, in order. The order of the paths does not matter."""
    mutants = [mutant for path in sorted(set(paths)) for mutant in mutants_of(path)]
    chance = random.Random(seed)  # noqa: S311 - It keeps no secret.
    return sorted(chance.sample(mutants, min(sample, len(mutants))))


def tried(mutants: Sequence[Mutant], limit: float) -> Report:
    """Try mutants of one feature in a process, and those that it leaves in another one."""
    begun = time.monotonic()
    feature, done, error = _feature(mutants[0]), list[Tried](), ""
    while len(done) < len(mutants) and not error:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            try:
                done += process.submit(try_mutants, feature, mutants[len(done) :], limit).result()
            except (TestsFailed, BrokenProcessPool) as failure:
                error = str(failure)
    return Report(feature, done, time.monotonic() - begun, error)


def alive(report: Report) -> Iterator[str]:
    for each in report.tried:
        if each.outcome != Outcome.KILLED:
            yield " ".join(filter(None, [f"{each.outcome}:", str(each.mutant), each.test]))


def table(reports: Sequence[Report]) -> Iterator[str]:
    """A line for each feature, and one for the sum."""
    head = ("mutants", *Outcome, "seconds")
    rows = {report.feature: _numbers(report) for report in reports}
    rows["all"] = [sum(numbers) for numbers in zip(*rows.values(), strict=True)]
    yield "  ".join([" " * _WIDTH, *head])
    for name, numbers in rows.items():
        cells = (f"{n:>{len(title)}}" for title, n in zip(head, numbers, strict=False))
        yield "  ".join([f"{name:{_WIDTH}}", *cells])


def _numbers(report: Report) -> list[int]:
    counts = (sum(each.outcome == outcome for each in report.tried) for outcome in Outcome)
    return [len(report.tried), *counts, round(report.seconds)]


def _feature(mutant: Mutant) -> str:
    return Path(mutant.path).parts[1]


if __name__ == "__main__":
    typer.run(main)
