"""A progress bar on a terminal. Elsewhere, where each step of a bar were a line, a few lines."""

import sys
from types import TracebackType
from typing import Any, Self

import typer

LINES = 4


class ProgressDisplay:
    """Shows nothing before its first call, since there may be nothing to do."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None
        self._lines = -1

    def __call__(self, done: int, total: int) -> None:
        if sys.stdout.isatty():
            self._draw(done, total)
        elif done * LINES // total > self._lines:
            self._lines = done * LINES // total
            typer.echo(f"  {self._label}: {100 * done // total} %")
            sys.stdout.flush()

    def _draw(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = typer.progressbar(length=total, label=f"  {self._label}").__enter__()
        self._bar.update(done - self._bar.pos)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, traceback)
