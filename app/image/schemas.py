"""What clients get of an image."""

from uuid import UUID

from pydantic import Field

from app.core.schemas import ResponseModel


class Image(ResponseModel):
    """A picture as it is stored: upright, sRGB, without metadata. Its URLs never change content."""

    id: UUID
    url: str
    thumbnail_url: str
    width: int = Field(description="Pixels")
    height: int = Field(description="Pixels")
    blurhash: str = Field(description="What to show until the picture is there; see blurha.sh")
