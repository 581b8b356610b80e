"""Waiting for what comes by itself, with a guard against a test that hangs.

The guard says nothing about speed. It is far longer than the busiest machine needs, and it raises
TimeoutError: no assertion of a test depends on how fast the machine is.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

HANG_SECONDS = 300.0
POLL_SECONDS = 0.02


def wait_until[Value](what: str, condition: Callable[[], Value]) -> Value:
    """The first true value of the condition."""
    deadline = time.monotonic() + HANG_SECONDS
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"it hangs: not {what}")
        time.sleep(POLL_SECONDS)
    return value


async def until(condition: Callable[[], Any]) -> None:
    """Return once the condition holds, which may be a coroutine function."""
    async with asyncio.timeout(HANG_SECONDS):
        while not await _value(condition()):
            await asyncio.sleep(POLL_SECONDS)


async def _value(answer: Any) -> Any:
    return await answer if isinstance(answer, Awaitable) else answer
