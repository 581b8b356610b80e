"""What every store can do."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

CACHE_CONTROL = "public, max-age=31536000, immutable"
"""A key's content never changes, so that caches may keep it for ever."""


class StorageError(Exception):
    """The store can't be reached or refuses. The API answers 503."""


class StorageMisconfigured(StorageError):
    """It will not work until somebody changes something; the message says what."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in the store, and when it was put there.

    `etag` is what the store itself says of the content, as S3 does; None where it says nothing.
    """

    key: str
    modified_at: datetime
    size: int
    etag: str | None = None


class Storage(Protocol):
    """Objects by key."""

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store an object; StorageError if that fails."""
        ...

    async def read(self, key: str) -> bytes | None:
        """An object's bytes; None if there is none."""
        ...

    async def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; one that is not there is no error."""
        ...

    def list_objects(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        """All objects under a prefix, some hundred at a time."""
        ...

    def url(self, key: str) -> str:
        """Where clients load the object from."""
        ...

    async def check(self) -> None:
        """Try it for real. Raises StorageMisconfigured, which names what is wrong, or
        StorageError where the store is only out of reach.
        """
        ...
