"""Waiting for a condition, with a limit against tests that hang.

Use this instead of a sleep. The limit says nothing about speed: it is far longer than the busiest
machine needs. So no assertion depends on how fast the machine is.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

HANG_SECONDS = 150.0
POLL_SECONDS = 0.02


def wait_until[Value](what: str, condition: Callable[[], Value]) -> Value:
    """Wait for the condition; returns its first true value. Raises TimeoutError."""
    deadline = time.monotonic() + HANG_SECONDS
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"it hangs: not {what}")
        time.sleep(POLL_SECONDS)
    return value


async def until(condition: Callable[[], Any]) -> None:
    """Wait for the condition, which may be a coroutine function. Raises TimeoutError."""
    async with asyncio.timeout(HANG_SECONDS):
        while not await _value(condition()):
            await asyncio.sleep(POLL_SECONDS)


async def _value(answer: Any) -> Any:
    return await answer if isinstance(answer, Awaitable) else answer
