"""Pictures to render, and what their renditions show."""

import io
import struct
import zlib
from typing import Any

from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from app.integrations.pictures.picture import Picture, Rendition

FORMATS = ["JPEG", "PNG", "WEBP", "HEIF"]

MARK = "SECRET-HOME-ADDRESS"
"""Is in the metadata of a picture, and must not be in its renditions."""

XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/" exif:GPSLatitude="35,39N">{MARK}</x:xmpmeta>'.encode()

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 190, 30), (30, 30, 220), (255, 255, 255)
LETTERS = {"R": RED, "G": GREEN, "B": BLUE, "W": WHITE}


def encode(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **{"quality": 90, **options})
    return out.getvalue()


def plain(format: str, width: int = 96, height: int = 64, color: Any = RED) -> bytes:
    """A picture of one colour."""
    # A larger file of one colour does as well, and takes a quarter of the time.
    hasty: dict[str, dict[str, Any]] = {
        "HEIF": {"enc_params": {"preset": "ultrafast"}},
        "WEBP": {"method": 0},
    }
    return encode(Image.new("RGB", (width, height), color), format, **hasty.get(format, {}))


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Red and green above, blue and white below."""
    image = Image.new("RGB", (width, height), RED)
    x, y = width // 2, height // 2
    image.paste(GREEN, (x, 0, width, y))
    image.paste(BLUE, (0, y, x, height))
    image.paste(WHITE, (x, y, width, height))
    return image


def profile(copyright: str = "", primaries: tuple[tuple[float, ...], ...] = ()) -> bytes:
    """An sRGB profile, perhaps with other primaries (XYZ of red, green and blue)."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=False):
        at = int.from_bytes(data[data.index(name) + 4 :][:4])
        data[at + 8 : at + 20] = struct.pack(">3i", *(round(v * 65536) for v in xyz))
    return bytes(data) + copyright.encode()


def exif(orientation: int = 1) -> Image.Exif:
    """A secret, the place and the orientation, as EXIF."""
    data = Image.Exif()
    data[ExifTags.Base.ImageDescription] = data[ExifTags.Base.Artist] = MARK
    data[ExifTags.Base.Orientation] = orientation
    gps = data.get_ifd(ExifTags.IFD.GPSInfo)
    gps[1], gps[2], gps[3], gps[4] = "N", (35.0, 39.0, 30.5), "E", (139.0, 44.0, 28.25)
    data[ExifTags.IFD.GPSInfo] = gps
    return data


def with_metadata(format: str, orientation: int = 1) -> bytes:
    """The quarters, with a secret in every place for metadata that the format has."""
    options: dict[str, Any] = {"exif": exif(orientation).tobytes(), "xmp": XMP}
    options["icc_profile"] = profile(copyright=MARK)
    if format == "JPEG":
        options["comment"] = MARK.encode()
    if format == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", MARK)
        options["pnginfo"].add_text("Description", MARK, zip=True)
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP.decode())
        options["pnginfo"].add(b"tEXt", b"End\0" + MARK.encode(), after_idat=True)
    return encode(quarters(), format, **options)


def png(width: int, height: int, rows: bytes, *, depth: int = 1, color: int = 0) -> bytes:
    """A PNG with these rows, which need not be as many as its header says."""
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def opened(rendition: Rendition) -> Image.Image:
    """A rendition's picture, which has the size that the rendition says."""
    image = Image.open(io.BytesIO(rendition.data), formats=["WEBP"])
    assert image.size == (rendition.width, rendition.height)
    return image


def pixel(rendition: Rendition, x: float = 0.5, y: float = 0.5) -> tuple[int, ...]:
    """The colour at a place, given as parts of the width and the height."""
    image = opened(rendition)
    value = image.getpixel((int(image.width * x), int(image.height * y)))
    assert isinstance(value, tuple)
    return value


def near(actual: tuple[int, ...], expected: tuple[int, ...], tolerance: int = 12) -> bool:
    """Whether two colours differ by no more than the tolerance in every channel."""
    return len(actual) == len(expected) and all(
        abs(a - b) <= tolerance for a, b in zip(actual, expected, strict=True)
    )


def seen(rendition: Rendition) -> str:
    """The colours of the four quarters, by their letters, row by row."""
    points = [pixel(rendition, x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    return "".join(k for p in points for k, color in LETTERS.items() if near(p, color, 30))


def webp_chunks(data: bytes) -> set[bytes]:
    """The names of a WebP's chunks."""
    names, at = set(), 12
    while at < len(data):
        names.add(data[at : at + 4])
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return names


def assert_only_pixels(picture: Picture) -> None:
    """Check that neither rendition has metadata."""
    for rendition in (picture.full, picture.thumbnail):
        assert webp_chunks(rendition.data) <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}
        assert MARK.encode() not in rendition.data
