"""The progress of the demo. Making it takes seconds, and a developer should see that it works."""

from collections.abc import Callable
from dataclasses import dataclass

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
