"""Makes an uploaded picture safe to publish: decodes it, turns it upright, and encodes it again.

The result is made from the pixels only, in sRGB. So no metadata of the upload (GPS, EXIF, XMP,
colour profiles, comments) can get through, whether we know the kind or not.

Importing this module loads Pillow and the HEIC decoder, about 30 MB. Import it in the function that
renders, not at the top of a module that every API process loads.
"""

import ctypes
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress

from blurhash_rs import blurhash_encode
from PIL import (
    Image,
    ImageCms,
    JpegImagePlugin,  # noqa: F401 - importing a plugin registers it. Otherwise the first
    PngImagePlugin,  # noqa: F401 - unusual upload would make Pillow import all fifty.
    WebPImagePlugin,
)
from pillow_heif import register_heif_opener

from app.integrations.pictures.picture import Picture, Rendition
from app.integrations.pictures.sizes import FULL_EDGE, THUMBNAIL_EDGE

LARGEST_RENDITION = 8 * 1024 * 1024
"""In bytes. One of noise with transparency has half of it."""

_QUALITY = 82
_METHOD = 4
_BLURHASH_EDGE = 32

# A camera writes a dozen scans at most. A scan may be 50 bytes long but costs a pass over all
# pixels, so a small file could keep the decoder busy for hours.
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

# We do not need thumbnails or depth maps inside a HEIC, and they could be used for an attack.
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


class _WebPImageFile(WebPImagePlugin.WebPImageFile):
    """Releases the decoder after the first frame.

    The decoder has two canvases and would keep them beside the picture's own: 100 MB wasted at
    12 megapixels.
    """

    def load_prepare(self) -> None:
        self._decoder = None
        super().load_prepare()


Image.register_open("WEBP", _WebPImageFile)

_MMAP_THRESHOLD = -3
_LARGE_BLOCK = 1 << 20


def _return_large_blocks() -> None:
    """Let the C library return each large block to the system once it is free.

    By default glibc learns from the first pictures to keep blocks of up to 32 MB, and each thread
    that has rendered keeps its own. Other C libraries have no such setting, or need none.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE_BLOCK)


_return_large_blocks()

# For up to twice its limit of pixels, Pillow only warns. We want an error.
warnings.simplefilter("error", Image.DecompressionBombWarning)


class UnsupportedPicture(Exception):
    """The bytes are not a JPEG, PNG, WebP or HEIC."""


class BrokenPicture(Exception):
    """The bytes begin like a supported picture, but can't or must not be decoded."""


def render(data: bytes, *, max_pixels: int = 25_000_000, max_side: int = 20_000) -> Picture:
    """Decode an upload and encode it again, in two sizes that never exceed the original.

    Takes about 300 ms of CPU, and 40 MB for a usual photo or up to 300 MB for the largest WebP.
    Call it in a thread, one picture at a time. Uses only the first frame, or the primary image.

    Raises UnsupportedPicture for other formats, judged by the bytes. Raises BrokenPicture for a
    damaged picture, or before decoding if a header claims more than max_pixels, or a side longer
    than max_side: shrinking a picture of 25,000,000 x 1 took a table of a gigabyte.
    """
    kind = _sniff(data)
    try:
        image = _decode(data, kind, max_pixels, max_side)
    except BrokenPicture:
        raise
    except Exception as error:
        # Decoders raise all kinds of errors for hostile bytes: SyntaxError, struct.error, ...
        raise BrokenPicture(f"{type(error).__name__}: {error}") from error
    thumbnail = _shrink(image, THUMBNAIL_EDGE)
    return Picture(_encode(image), _encode(thumbnail), _blurhash(thumbnail))


def ensure_rendition(data: bytes) -> None:
    """That the bytes are like those of a Rendition. Reads the headers, and decodes no pixels.

    Raises UnsupportedPicture for other formats. Raises BrokenPicture for a damaged file, one with
    something behind it, more pixels than `render` leaves, several frames, or metadata.
    """
    if _sniff(data) != "WEBP":
        raise UnsupportedPicture
    if len(data) != int.from_bytes(data[4:8], "little") + 8:
        raise BrokenPicture("another size than it says")
    try:
        image = _WebPImageFile(io.BytesIO(data))
    except Exception as error:
        raise BrokenPicture(f"{type(error).__name__}: {error}") from error
    if max(image.size) > FULL_EDGE or image.n_frames > 1:
        raise BrokenPicture(f"{image.n_frames} frames of {image.size}")
    if image.info.keys() & {"exif", "xmp", "icc_profile"}:
        raise BrokenPicture("metadata")


def _sniff(data: bytes) -> str:
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
    """Whether the file type box is that of a HEIC. An AVIF may name mif1 as its major brand."""
    box = data[8 : int.from_bytes(data[:4])]
    compatible = {box[at : at + 4] for at in range(8, len(box), 4)}
    return box[:4] in _HEIC_BRANDS and not compatible & _AVIF_BRANDS


def _decode(data: bytes, kind: str, max_pixels: int, max_side: int) -> Image.Image:
    """The bare pixels, RGB or RGBA, with a longest edge of at most FULL_EDGE.

    Each step replaces the image. A name for an earlier one would keep 100 MB at 25 megapixels.
    """
    image = _open(data, kind, max_pixels, max_side)
    profile, turn = image.info.get("icc_profile"), _TURNS.get(_orientation(image))
    image = _resizable(image)
    image = _shrink(image, FULL_EDGE)
    image = _to_srgb(image, profile)
    if turn is not None:  # A turn may be 0.
        image = image.transpose(turn)
    return _bare(image)


def _open(data: bytes, kind: str, max_pixels: int, max_side: int) -> Image.Image:
    """Check the headers, and then decode the file."""
    image = Image.open(io.BytesIO(data), formats=[kind])
    for width, height in (image.size, *_hidden_sizes(data, kind)):
        if not 0 < width * height <= max_pixels or max(width, height) > max_side:
            raise BrokenPicture(f"{width} x {height} pixels")
    _ensure_decodable(data, kind)
    # A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size. Other formats ignore this.
    image.draft(None, _fit(image.size, FULL_EDGE))
    image.load()
    return image


def _ensure_decodable(data: bytes, kind: str) -> None:
    """Refuse a file that would take hours to decode, or that is incomplete.

    Pillow accepts a file that was cut off after its last pixel. The client should send it again.
    """
    if kind == "JPEG":
        scans = [scan.start() for scan in _JPEG_SCAN.finditer(data)]
        if len(scans) > _MAX_JPEG_SCANS:
            raise BrokenPicture("too many scans")
        # An embedded thumbnail before the scans has its own end marker.
        if scans and data.rfind(_JPEG_END) < scans[-1]:
            raise BrokenPicture("no end")
    if kind == "PNG" and _PNG_END not in data:
        raise BrokenPicture("no end")


def _hidden_sizes(data: bytes, kind: str) -> Iterator[tuple[int, int]]:
    """The sizes inside a HEIC before cropping. The picture's own size is the one after it."""
    if kind == "HEIF":
        for width, height in _HEIC_SIZE.findall(data):
            yield int.from_bytes(width), int.from_bytes(height)


def _resizable(image: Image.Image) -> Image.Image:
    """The image in a mode whose pixels can be averaged: L, RGB, RGBA or CMYK, 8 bits each."""
    if image.mode.startswith("I;16"):
        # Pillow's own conversion clips: everything above shade 255 of 65535 would be white.
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        mode = "RGBA"
    else:
        mode = {"1": "L", "L": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")
    return image if image.mode == mode else image.convert(mode)


def _shrink(image: Image.Image, edge: int) -> Image.Image:
    """Shrinks in two steps: the first averages whole pixels, which is quick."""
    size = _fit(image.size, edge)
    if size == image.size:
        return image
    if image.mode == "RGBA":
        # Pillow averages it as RGBa, too, but then leaves out the first step.
        return _resized(image.convert("RGBa"), size).convert("RGBA")
    return _resized(image, size)


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


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
        # A photo with a broken profile, or one for other channels, is still accepted.
        with suppress(ImageCms.PyCMSError, OSError):
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, io.BytesIO(profile), srgb, outputMode=mode)
            if converted is not None:
                return converted
    return image if image.mode == mode else image.convert(mode)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation. For a HEIC always 1: its decoder has turned it already."""
    # A picture with unreadable EXIF is not turned. The EXIF is dropped anyway.
    with suppress(Exception):
        if image.format != "HEIF":
            return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    return 1


def _bare(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        # Multiplying by alpha and back turns fully transparent pixels black. Otherwise WebP would
        # keep a coarse image of what the user believes to have erased.
        image = image.convert("RGBa").convert("RGBA")
    return Image.frombytes(image.mode, image.size, image.tobytes())


def _encode(image: Image.Image) -> Rendition:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=_METHOD)
    return Rendition(out.getvalue(), image.width, image.height)


def _blurhash(image: Image.Image) -> str:
    """A placeholder of 28 characters, with more detail along the longer edge."""
    small = _shrink(image, _BLURHASH_EDGE)
    # A blurhash has no alpha. Most backgrounds of a transparent picture are white.
    opaque = Image.new("RGB", small.size, "white")
    opaque.paste(small, mask=small if small.mode == "RGBA" else None)
    landscape = small.width >= small.height
    return blurhash_encode(opaque, *((4, 3) if landscape else (3, 4)))
