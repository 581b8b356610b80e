"""Renders pictures in a thread, one at a time: decoding takes 40 to 300 MB."""

from __future__ import annotations

from functools import cached_property
from typing import BinaryIO

from anyio import CapacityLimiter, to_thread

from app.core.errors import Unprocessable, UnsupportedMediaType
from app.core.texts import Text
from app.integrations.pictures.picture import Picture

MAX_PIXELS = 25_000_000
MAX_SIDE = 20_000


class UnsupportedImage(UnsupportedMediaType):
    """The bytes are not a JPEG, PNG, WebP or HEIC, whatever the file's name says."""

    code = "unsupported_image"
    title = Text("対応していない画像です", "Unsupported image")
    detail = Text(
        "JPEG、PNG、WebP、HEIC の画像を選んでください。", "Choose a JPEG, PNG, WebP or HEIC image."
    )


class InvalidImage(Unprocessable):
    """The picture is broken, has too many pixels, or has too long a side."""

    code = "invalid_image"
    title = Text("画像を読み込めません", "Invalid image")
    detail = Text(
        "画像が壊れているか、大きすぎます(2,500 万画素、一辺 20,000 画素まで)。",
        "The image is damaged or too large (limit: 25 megapixels, and 20,000 pixels per side).",
    )


class PictureRenderer:
    """Decodes a picture and encodes it again, in two sizes and without metadata."""

    @cached_property
    def _one_at_a_time(self) -> CapacityLimiter:
        return CapacityLimiter(1)

    async def render(self, file: BinaryIO) -> Picture:
        """Raises UnsupportedImage or InvalidImage.

        Uploads that wait are on disk. Only the one that is rendered is in memory.
        """
        return await to_thread.run_sync(_render, file, limiter=self._one_at_a_time)


def _render(file: BinaryIO) -> Picture:
    # The first picture loads Pillow and its decoders. A process without pictures does not.
    from app.integrations.pictures import rendering as pictures

    file.seek(0)
    try:
        return pictures.render(file.read(), max_pixels=MAX_PIXELS, max_side=MAX_SIDE)
    except pictures.UnsupportedPicture:
        raise UnsupportedImage from None
    except pictures.BrokenPicture:
        raise InvalidImage from None
