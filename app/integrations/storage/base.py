"""The protocol of object stores."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.unavailable import Unavailable

CACHE_CONTROL = "public, max-age=3600, s-maxage=60"
"""A key's content never changes, but it can be hidden or deleted. So a browser asks again after an
hour. A CDN asks again after a minute, so it serves a hidden picture for no longer than that.
"""


class StorageError(Unavailable):
    """The store is out of reach, or refuses. The API answers 503."""


class StorageMisconfigured(StorageError):
    """The store does not work until an operator changes what the message says."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in the store, and when it was stored.

    `etag` is the store's own hash of the content, as S3 has; None if the store has none.
    """

    key: str
    modified_at: datetime
    size: int
    etag: str | None = None


class Storage(Protocol):
    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Raises StorageError."""
        ...

    async def read(self, key: str) -> bytes | None: ...

    async def exists(self, key: str) -> bool:
        """Does not read the object."""
        ...

    async def copy(self, source: str, target: str) -> bool:
        """Copies the object whole or not at all. Returns False if the source does not exist."""
        ...

    async def delete(self, keys: Iterable[str]) -> None:
        """Keys that do not exist are ignored."""
        ...

    def list_objects(self, prefix: str, after: str = "") -> AsyncIterator[list[StoredObject]]:
        """Lists the objects under a prefix by key, in batches of at most a thousand.

        With `after`, those behind that key.
        """
        ...

    def url(self, key: str) -> str:
        """The address that clients load the object from."""
        ...

    async def check(self) -> None:
        """Store, read and delete a probe.

        Raises StorageMisconfigured with what is wrong, or StorageError if the store is out of
        reach.
        """
        ...
