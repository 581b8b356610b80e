"""Who is told that something changed."""

from collections.abc import Callable

type Changed = Callable[[], None]


class Listeners:
    """Each is called after each change."""

    def __init__(self) -> None:
        self._listeners: list[Changed] = []

    def listen(self, listener: Changed) -> Callable[[], None]:
        """Be told that something changed. Returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self) -> None:
        for listener in [*self._listeners]:
            listener()
