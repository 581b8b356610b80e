"""A picture that was made safe to publish. Loads no picture library, unlike `rendering`."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Rendition:
    """One encoded size of a picture, with its width and height in pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be stored. Its width and height are those of `full`."""

    content_type: ClassVar[str] = "image/webp"
    extension: ClassVar[str] = "webp"

    full: Rendition
    thumbnail: Rendition
    blurhash: str

    @property
    def width(self) -> int:
        return self.full.width

    @property
    def height(self) -> int:
        return self.full.height
