"""Rate limits in Valkey, which several processes share. ADR 0060.

Only what uses it loads it.
"""

from app.integrations.valkey.connection import Endpoint, ValkeyAway, ValkeyFailure
from app.integrations.valkey.counting import ValkeyCounting
from app.integrations.valkey.store import Observer, SharedRateStore, open_connection

__all__ = [
    "Endpoint",
    "Observer",
    "SharedRateStore",
    "ValkeyAway",
    "ValkeyCounting",
    "ValkeyFailure",
    "open_connection",
]
