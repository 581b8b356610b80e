"""A client for Linky, the backend of a community app: blocking, and for asyncio."""

from linky_client._async.client import AsyncLinky
from linky_client._async.draft import AsyncDraft
from linky_client._async.follower import AsyncFollower
from linky_client._async.paged import AsyncPaged
from linky_client._sync.client import Linky
from linky_client._sync.draft import Draft
from linky_client._sync.follower import Follower
from linky_client._sync.paged import Paged
from linky_client.copy_store import CopyStore, FileCopyStore, MemoryCopyStore
from linky_client.errors import (
    CancelledError,
    DraftTooOldError,
    DraftUnreadableError,
    FieldProblem,
    LinkyError,
    MalformedAnswerError,
    PictureUnreadableError,
    Problem,
    SignedOutError,
    UnknownProblem,
    UnreachableError,
)
from linky_client.generated import enums, models, problems
from linky_client.live import AsyncLive
from linky_client.live_events import Waiting
from linky_client.offline_copy import OfflineCopy
from linky_client.policy import RetryPolicy
from linky_client.push import route_of
from linky_client.store import FileStore, MemoryStore, Store
from linky_client.values import (
    AuthState,
    CallOptions,
    Cancellation,
    LogEvent,
    Page,
    SignedIn,
    SignedOut,
    Suspended,
    Upload,
)

__all__ = [
    "AsyncDraft",
    "AsyncFollower",
    "AsyncLinky",
    "AsyncLive",
    "AsyncPaged",
    "AuthState",
    "CallOptions",
    "Cancellation",
    "CancelledError",
    "CopyStore",
    "Draft",
    "DraftTooOldError",
    "DraftUnreadableError",
    "FieldProblem",
    "FileCopyStore",
    "FileStore",
    "Follower",
    "Linky",
    "LinkyError",
    "LogEvent",
    "MalformedAnswerError",
    "MemoryCopyStore",
    "MemoryStore",
    "OfflineCopy",
    "Page",
    "Paged",
    "PictureUnreadableError",
    "Problem",
    "RetryPolicy",
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
    "route_of",
]
