"""Makes an uploaded picture safe to publish: decoded, upright, sRGB, and encoded anew.

What comes out is built from pixels alone, so nothing that the upload carried beside them (GPS,
EXIF, XMP, colour profiles, comments) can get through, known to us or not.

Importing this module loads Pillow and the HEIC decoder, some 30 MB. Import it in the function
that renders, not at the top of a module that the API process loads as well.
"""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from blurhash_rs import blurhash_encode
from PIL import (
    Image,
    ImageCms,
    JpegImagePlugin,  # noqa: F401 - importing a plugin registers it. Otherwise the first
    PngImagePlugin,  # noqa: F401 - unusual upload would make Pillow import all fifty.
    WebPImagePlugin,
)
from pillow_heif import register_heif_opener

FULL_EDGE = 1600
THUMBNAIL_EDGE = 400

_QUALITY = 82
_METHOD = 4
_BLURHASH_EDGE = 32

# A camera writes a dozen scans at most. Each costs a pass over all pixels but may be 50 bytes
# long, so that a small file could keep the decoder busy for hours.
_MAX_JPEG_SCANS = 100
_JPEG_SCAN = re.compile(rb"\xff\xda\x00[\x08\x0a\x0c\x0e]")

_JPEG_END = b"\xff\xd9"
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_SIZE = re.compile(rb"ispe\0.{3}(.{4})(.{4})", re.DOTALL)

_EXIF_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Thumbnails, depth maps and the like inside a HEIC are of no use here, only more to attack.
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


class _WebPImageFile(WebPImagePlugin.WebPImageFile):
    """Lets go of its decoder once that has given the frame. It has two canvases of its own, and
    would keep them while the picture gets a third: 100 MB for nothing at 12 megapixels.
    """

    def load_prepare(self) -> None:
        self._decoder = None
        super().load_prepare()


Image.register_open("WEBP", _WebPImageFile)

# Pillow only warns of a bomb up to twice its limit.
warnings.simplefilter("error", Image.DecompressionBombWarning)


class UnsupportedPicture(Exception):
    """The bytes are no JPEG, PNG, WebP or HEIC."""


class BrokenPicture(Exception):
    """The bytes begin like a supported picture, but can't or mustn't be decoded."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One encoded size of a picture; width and height in pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be stored. Its own width and height are those of `full`."""

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


def render(data: bytes, *, max_pixels: int = 25_000_000) -> Picture:
    """Decode an upload and encode it anew, in two sizes that are never larger than the original.

    Blocks for some 300 ms of CPU and takes 40 MB for a usual photo, up to 300 MB for the largest
    WebP: call it in a thread, one at a time.

    Of several frames or images only the first or primary one is taken.

    Raises UnsupportedPicture for any other format, going by the bytes alone; BrokenPicture for
    a damaged one, or one whose header claims more than max_pixels (nothing is decoded then).
    """
    kind = _sniff(data)
    try:
        image = _decode(data, kind, max_pixels)
    except BrokenPicture:
        raise
    except Exception as error:
        # Decoders of hostile bytes raise whatever they like: SyntaxError, struct.error, ...
        raise BrokenPicture(f"{type(error).__name__}: {error}") from error
    thumbnail = _shrink(image, THUMBNAIL_EDGE)
    return Picture(_encode(image), _encode(thumbnail), _blurhash(thumbnail))


def _sniff(data: bytes) -> str:
    """Pillow's name of the format that the bytes begin like."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and _is_heic(data):
        return "HEIF"
    raise UnsupportedPicture


def _is_heic(data: bytes) -> bool:
    """Whether a file type box is one of HEIC: an AVIF may call itself mif1 in the first place."""
    box = data[8 : int.from_bytes(data[:4])]
    compatible = {box[at : at + 4] for at in range(8, len(box), 4)}
    return box[:4] in _HEIC_BRANDS and not compatible & _AVIF_BRANDS


def _decode(data: bytes, kind: str, max_pixels: int) -> Image.Image:
    """The picture as nothing but pixels, RGB or RGBA, at most FULL_EDGE long."""
    opened = _open(data, kind, max_pixels)
    image = _shrink(_resizable(opened), FULL_EDGE)
    image = _to_srgb(image, opened.info.get("icc_profile"))
    turn = _TURNS.get(_orientation(opened))
    if turn is not None:  # One of them is 0.
        image = image.transpose(turn)
    return _bare(image)


def _open(data: bytes, kind: str, max_pixels: int) -> Image.Image:
    """Decode the file, once its headers have been found harmless."""
    image = Image.open(io.BytesIO(data), formats=[kind])
    for width, height in (image.size, *_hidden_sizes(data, kind)):
        if not 0 < width * height <= max_pixels:
            raise BrokenPicture(f"{width} x {height} pixels")
    _ensure_decodable(data, kind)
    # A JPEG can be decoded at a half, a quarter or an eighth. The others ignore this.
    image.draft(None, _fit(image.size, FULL_EDGE))
    image.load()
    return image


def _ensure_decodable(data: bytes, kind: str) -> None:
    """Refuse what would take hours, and what was cut off behind its last pixel.

    Pillow takes such a picture. But an upload that was cut off is one to be sent again.
    """
    if kind == "JPEG":
        scans = [found.start() for found in _JPEG_SCAN.finditer(data)]
        if len(scans) > _MAX_JPEG_SCANS:
            raise BrokenPicture("too many scans")
        # A thumbnail before the scans has an end of its own.
        if scans and data.rfind(_JPEG_END) < scans[-1]:
            raise BrokenPicture("no end")
    if kind == "PNG" and _PNG_END not in data:
        raise BrokenPicture("no end")


def _hidden_sizes(data: bytes, kind: str) -> Iterator[tuple[int, int]]:
    """What a HEIC decodes on the way: the picture's own size is that after cropping."""
    if kind == "HEIF":
        for width, height in _HEIC_SIZE.findall(data):
            yield int.from_bytes(width), int.from_bytes(height)


def _resizable(image: Image.Image) -> Image.Image:
    """The image in a mode whose pixels can be averaged: L, RGB, RGBA or CMYK, 8 bits each."""
    if image.mode.startswith("I;16"):
        # Pillow's own conversion clips: all but the darkest 256 shades would be white.
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        mode = "RGBA"
    else:
        mode = {"1": "L", "L": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")
    return image if image.mode == mode else image.convert(mode)


def _shrink(image: Image.Image, edge: int) -> Image.Image:
    size = _fit(image.size, edge)
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)


def _fit(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size scaled down to a longest edge of `edge` pixels, or as it is if it is smaller."""
    width, height = size
    longest = max(width, height)
    if longest <= edge:
        return size
    return max(1, width * edge // longest), max(1, height * edge // longest)


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB or RGBA, converted by the colour profile if there is one that fits the image."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        # A broken profile, or one for other channels, is no reason to refuse a photo.
        with suppress(ImageCms.PyCMSError, OSError):
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, io.BytesIO(profile), srgb, outputMode=mode)
            if converted is not None:
                return converted
    return image if image.mode == mode else image.convert(mode)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation. A HEIC has been turned by its decoder, whatever its EXIF says."""
    # Unreadable EXIF turns nothing. It isn't kept either.
    with suppress(Exception):
        if image.format != "HEIF":
            return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    return 1


def _bare(image: Image.Image) -> Image.Image:
    """A new image of the same pixels, without whatever else hangs on to the old one."""
    if image.mode == "RGBA":
        # Multiplied by alpha and back, what lies under full transparency turns black. WebP
        # would keep a mosaic of it, be it something that its owner believes to have erased.
        image = image.convert("RGBa").convert("RGBA")
    return Image.frombytes(image.mode, image.size, image.tobytes())


def _encode(image: Image.Image) -> Rendition:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=_METHOD)
    return Rendition(out.getvalue(), image.width, image.height)


def _blurhash(image: Image.Image) -> str:
    """A placeholder of 28 characters, with more detail along the longer edge."""
    small = _shrink(image, _BLURHASH_EDGE)
    # It has no alpha. White is what a transparent picture most likely lies on.
    opaque = Image.new("RGB", small.size, "white")
    opaque.paste(small, mask=small if small.mode == "RGBA" else None)
    landscape = small.width >= small.height
    return blurhash_encode(opaque, *((4, 3) if landscape else (3, 4)))
