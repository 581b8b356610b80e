"""How far the demo is. It takes seconds, and people who see nothing think that it hangs."""

from collections.abc import Callable
from dataclasses import dataclass

type OnProgress = Callable[[int, int], None]
"""Called with how many steps are done, and how many there are in all."""

PICTURE_STEPS = 20
"""Drawing a picture takes as long as some twenty posts or comments."""


def show_nothing(_: int, __: int) -> None:
    """For callers without a terminal."""


@dataclass
class Progress:
    total: int
    on_progress: OnProgress
    done: int = 0

    def advance(self, steps: int) -> None:
        self.done += steps
        self.on_progress(self.done, self.total)
