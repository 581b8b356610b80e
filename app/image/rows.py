"""What statements return about images."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image with its addresses."""

    id: UUID
    url: str
    thumbnail_url: str
    width: int
    height: int
    blurhash: str


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image with the keys of its two objects."""

    id: UUID
    key: str
    thumbnail_key: str
