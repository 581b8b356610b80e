"""What clients get of an image."""

from uuid import UUID

from pydantic import Field

from app.core.schemas import ResponseModel


class PostImage(ResponseModel):
    """A picture as it is stored: upright, sRGB, without metadata. A URL's content never changes."""

    id: UUID
    url: str
    thumbnail_url: str
    width: int = Field(description="Pixels")
    height: int = Field(description="Pixels")
    blurhash: str = Field(
        description="A blurred preview to show while the picture loads; see blurha.sh"
    )
