"""Lets access tokens expire before their time."""

import asyncio
import math

from app.core.clock import utc_now
from linky_dev.faults import FaultSwitch


async def expire_access_tokens(switch: FaultSwitch) -> None:
    """Let the access tokens of all users expire. Returns when that is so.

    A token names the second in which it was issued. So this waits for the next second, and only
    then lets all expire that are from before: until then an app that refreshed its token would get
    one that is expired, too.
    """
    now = utc_now().timestamp()
    tokens_from = math.floor(now) + 1
    while now < tokens_from:
        await asyncio.sleep(tokens_from - now)
        now = utc_now().timestamp()
    switch.tokens_from = tokens_from
