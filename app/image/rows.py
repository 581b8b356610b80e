"""What statements return about images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, func

from app.image.models import Image

if TYPE_CHECKING:
    from app.integrations.pictures.rendering import Picture

_MEDIA_URL = bindparam("media_url", type_=Text)


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
class CheckedPicture:
    """A rendered picture that the operator's check does not refuse."""

    picture: Picture
    needs_review: bool


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image with the keys of its two objects."""

    id: UUID
    key: str
    thumbnail_key: str


def picture_as_json() -> ColumnElement[Any]:
    """A picture as clients get it: `schemas.PostImage`. Takes `media_url`."""
    return func.json_build_object(
        *("id", Image.id),
        *("url", _MEDIA_URL + Image.key),
        *("thumbnail_url", _MEDIA_URL + Image.thumbnail_key),
        *("width", Image.width),
        *("height", Image.height),
        *("blurhash", Image.blurhash),
    )
