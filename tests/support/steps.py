"""Counts Python's instructions for a piece of work: the same on a busy machine as on a calm one."""

import sys
from collections.abc import Callable
from threading import get_ident
from types import CodeType

_TOOL = sys.monitoring.PROFILER_ID
_STEP = sys.monitoring.events.INSTRUCTION


def steps(work: Callable[[], object]) -> int:
    """How many instructions Python runs for the work in this thread, once its caches are filled.

    What C does is not counted: a regular expression's search is one step, however long its text.
    """
    work()
    count, own = 0, get_ident()

    def note(_: CodeType, __: int) -> None:
        nonlocal count
        count += get_ident() == own

    sys.monitoring.use_tool_id(_TOOL, "steps")
    sys.monitoring.register_callback(_TOOL, _STEP, note)
    sys.monitoring.set_events(_TOOL, _STEP)
    try:
        work()
    finally:
        sys.monitoring.set_events(_TOOL, 0)
        sys.monitoring.free_tool_id(_TOOL)
    return count
