"""Says inside a process that the log has something new."""

from collections.abc import Callable


class LogSignal:
    """Calls `hook` after each commit of this process that changed something, if there is a hook.

    The hook must return at once and raise nothing: it runs before the answer to the write. A
    signal that is lost costs nothing but time, because readers poll.
    """

    def __init__(self) -> None:
        self.hook: Callable[[], None] | None = None

    def __call__(self) -> None:
        if self.hook is not None:
            self.hook()
