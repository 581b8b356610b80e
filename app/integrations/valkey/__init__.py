"""Rate limits in Valkey, which several processes share. ADR 0060.

Only what uses it loads it.
"""

from app.integrations.valkey.connection import Endpoint, Failure, ValkeyAway
from app.integrations.valkey.counting import ValkeyCounting
from app.integrations.valkey.store import Observer, SharedRateStore, open_connection

__all__ = [
    "Endpoint",
    "Failure",
    "Observer",
    "SharedRateStore",
    "ValkeyAway",
    "ValkeyCounting",
    "open_connection",
]
