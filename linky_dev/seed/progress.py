"""The progress of the demo. Making it takes seconds, and a developer should see that it works."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import typer

type OnProgress = Callable[[int, int], None]
"""Called with the number of steps that are done, and of all steps."""

PICTURE_STEPS = 20
"""Encoding a picture takes as long as writing about twenty posts or comments."""


def show_nothing(_: int, __: int) -> None: ...


@dataclass
class Progress:
    """Counts the steps that are done, and reports each."""

    total: int
    on_progress: OnProgress
    done: int = 0

    def advance(self, steps: int) -> None:
        self.done += steps
        self.on_progress(self.done, self.total)


LINES = 4
"""For output that is not a terminal. A bar would become one line for each step there."""


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
