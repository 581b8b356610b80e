"""Rate limits in classes; routers declare them by `dependencies=[limited("login")]`.

Counted per user; by address only for those who are not signed in, and leniently, since a whole
city's phones may share one address. In this process's memory for now.
"""

import math
import time
from typing import Literal

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from app.core.errors import RateLimited

LimitClass = Literal["read", "write", "upload", "login", "register", "guest", "refresh", "password"]

PER_USER: dict[LimitClass, str] = {
    "read": "600/minute",
    "write": "120/minute",
    "upload": "30/minute",
    "login": "10/minute",
    "register": "5/minute",
    "guest": "10/minute",
    "refresh": "60/minute",
    "password": "5/minute",
}
"""For callers who are signed in."""

PER_ADDRESS: dict[LimitClass, str] = {
    "read": "6000/minute",
    "write": "600/minute",
    "upload": "60/minute",
    "login": "30/minute",
    "register": "20/minute",
    "guest": "30/minute",
    "refresh": "600/minute",
    "password": "10/minute",
}
"""For callers who are not: many people behind one address."""

PER_ACCOUNT = "10/minute"
"""Sign-ins to one e-mail account, from wherever: its living sessions go on meanwhile."""


class RateLimiter:
    """Counts hits in sliding windows."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self._strategy = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._items: dict[str, RateLimitItem] = {}

    async def hit(self, limit: str, *key: str) -> None:
        """Count one call against `limit` (such as "5/minute") for `key`; raise RateLimited."""
        if not self._enabled:
            return
        item = self._items.setdefault(limit, parse(limit))
        if not await self._strategy.hit(item, *key):
            window = await self._strategy.get_window_stats(item, *key)
            wait = max(1, math.ceil(window.reset_time - time.time()))
            raise RateLimited(headers={"Retry-After": str(wait)})
