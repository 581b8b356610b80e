"""What every store can do."""

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.unavailable import Unavailable

CACHE_CONTROL = "public, max-age=3600, s-maxage=60"
"""A key's content never changes, but it can be hidden or deleted. So a browser asks again after an
hour, and a CDN after a minute: it keeps handing a hidden picture out for no longer than that.
"""

HIDDEN = "hidden/"
"""The prefix of what only admins may see. No public address leads to it (ADR 0043)."""

_KEY = re.compile(r"(?:images|avatars|covers)/[A-Za-z0-9][A-Za-z0-9/_-]*\.webp")


def is_picture_key(key: str) -> bool:
    """Whether a key names something that the public may see."""
    return _KEY.fullmatch(key) is not None


def find_picture_key(address: str) -> str | None:
    """The key at the end of a picture's address, whatever host served it; None without one."""
    found = re.search(rf"(?:^|/)({_KEY.pattern})$", address)
    return found[1] if found else None


def hidden_key(key: str) -> str:
    """Where a picture lies while it is hidden."""
    return HIDDEN + key


class StorageError(Unavailable):
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

    async def exists(self, key: str) -> bool:
        """Whether there is an object, without reading it."""
        ...

    async def copy(self, source: str, target: str) -> bool:
        """Copy an object, whole or not at all; False if there is none to copy."""
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
