"""What statements return about images."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Text, bindparam, case, cast, func, literal_column
from sqlalchemy.orm import InstrumentedAttribute

from app.image.enums import PictureSize
from app.image.models import Image
from app.integrations.pictures.picture import Picture

_MEDIA_URL = bindparam("media_url", type_=Text)
_BASE_URL = bindparam("base_url", type_=Text)

_PRIVATE = "/api/v1/images/"
"""The route that serves an image to its owner (`router.get_image`)."""

DELETE_OBJECTS = "image.delete_objects"
PLACE_OBJECTS = "image.place_objects"
PLACE_OBJECTS_OF = "image.place_objects_of"
SWEEP_STORE = "image.sweep_store_on"


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """Payload of DELETE_OBJECTS and PLACE_OBJECTS."""

    keys: list[str]


@dataclass(frozen=True, slots=True)
class Sweep:
    """Payload of SWEEP_STORE: how far the sweep has come."""

    after: str = ""
    seen: int = 0
    removed: int = 0


@dataclass
class PostImage:
    """An image as it is stored: upright, sRGB, without metadata. A URL's content never changes."""

    id: UUID
    url: str
    thumbnail_url: str
    width: Annotated[int, Field(description="Pixels")]
    height: Annotated[int, Field(description="Pixels")]
    blurhash: Annotated[
        str, Field(description="A blurred preview to show while the image loads; see blurha.sh")
    ]


@dataclass(frozen=True, slots=True)
class CheckedPicture:
    picture: "Picture"
    needs_review: bool


@dataclass(frozen=True, slots=True)
class StoredImage:
    id: UUID
    key: str
    thumbnail_key: str


@dataclass(frozen=True, slots=True)
class OwnedImage:
    """An image with its owner. `is_hidden`: an admin has hidden its post."""

    owner_id: UUID
    key: str
    thumbnail_key: str
    is_hidden: bool


def private_url(base_url: str, image_id: UUID, size: PictureSize) -> str:
    """The address of an image held for review. It needs the bearer token of its owner."""
    return f"{base_url}{_PRIVATE}{image_id}/{size}"


def url_of(size: PictureSize) -> ColumnElement[str]:
    """An image's address: public, or private while it waits. Takes `media_url` and `base_url`."""
    keys: dict[PictureSize, InstrumentedAttribute[str]] = {
        PictureSize.FULL: Image.key,
        PictureSize.THUMBNAIL: Image.thumbnail_key,
    }
    # In the SQL itself: these never change.
    path, end = (literal_column(f"'{part}'", Text) for part in (_PRIVATE, f"/{size}"))
    private = _BASE_URL + path + cast(Image.id, Text) + end
    return case((Image.needs_review, private), else_=_MEDIA_URL + keys[size])


def picture_as_json() -> ColumnElement[Any]:
    """An image as clients get it: PostImage. Takes `media_url` and `base_url`."""
    return func.json_build_object(
        *("id", Image.id),
        *("url", url_of(PictureSize.FULL)),
        *("thumbnail_url", url_of(PictureSize.THUMBNAIL)),
        *("width", Image.width),
        *("height", Image.height),
        *("blurhash", Image.blurhash),
    )
