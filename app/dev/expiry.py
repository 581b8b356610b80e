"""Lets access tokens expire before their time."""

import asyncio
import math

from app.core.clock import utc_now
from app.dev.faults import FaultSwitch


async def expire_access_tokens(switch: FaultSwitch) -> None:
    """Let the access tokens of all users expire. Returns when new ones are good.

    A token names the second in which it was issued. So this waits for the next second: a token
    from before is expired then, and one from afterwards is not.
    """
    now = utc_now().timestamp()
    switch.tokens_from = math.floor(now) + 1
    await asyncio.sleep(switch.tokens_from - now)
