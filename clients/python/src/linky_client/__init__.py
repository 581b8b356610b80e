"""A client for Linky, the backend of a community app, for asyncio."""

from linky_client.client import Linky
from linky_client.cursors import Cursor
from linky_client.errors import (
    FieldProblem,
    LinkyError,
    MalformedAnswerError,
    Problem,
    SignedOutError,
    UnknownProblem,
    UnreachableError,
)
from linky_client.generated import enums, models, problems
from linky_client.live_events import ServerEvent, Waiting
from linky_client.paged import Paged
from linky_client.policy import RetryPolicy
from linky_client.store import FileStore, MemoryStore, Store
from linky_client.values import (
    AuthState,
    CallOptions,
    LogEvent,
    Page,
    SignedIn,
    SignedOut,
    Suspended,
    Upload,
)

__all__ = [
    "AuthState",
    "CallOptions",
    "Cursor",
    "FieldProblem",
    "FileStore",
    "Linky",
    "LinkyError",
    "LogEvent",
    "MalformedAnswerError",
    "MemoryStore",
    "Page",
    "Paged",
    "Problem",
    "RetryPolicy",
    "ServerEvent",
    "SignedIn",
    "SignedOut",
    "SignedOutError",
    "Store",
    "Suspended",
    "UnknownProblem",
    "UnreachableError",
    "Upload",
    "Waiting",
    "enums",
    "models",
    "problems",
]
