"""Rendering uploads, hostile files included: the result has the same pixels and no metadata."""

import io
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from app.integrations.pictures import rendering as pictures
from app.integrations.pictures.rendering import (
    BrokenPicture,
    Picture,
    Rendition,
    UnsupportedPicture,
    render,
)

FORMATS = ["JPEG", "PNG", "WEBP", "HEIF"]
MARK = "SECRET-HOME-ADDRESS"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/" exif:GPSLatitude="35,39N">{MARK}</x:xmpmeta>'.encode()

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 190, 30), (30, 30, 220), (255, 255, 255)
LETTERS = {"R": RED, "G": GREEN, "B": BLUE, "W": WHITE}


def encode(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **{"quality": 90, **options})
    return out.getvalue()


def plain(format: str, width: int = 96, height: int = 64, color: Any = RED) -> bytes:
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


def opened(rendition: Rendition) -> Image.Image:
    image = Image.open(io.BytesIO(rendition.data), formats=["WEBP"])
    assert image.size == (rendition.width, rendition.height)
    return image


def pixel(rendition: Rendition, x: float = 0.5, y: float = 0.5) -> tuple[int, ...]:
    image = opened(rendition)
    value = image.getpixel((int(image.width * x), int(image.height * y)))
    assert isinstance(value, tuple)
    return value


def near(actual: tuple[int, ...], expected: tuple[int, ...], tolerance: int = 12) -> bool:
    return len(actual) == len(expected) and all(
        abs(a - b) <= tolerance for a, b in zip(actual, expected, strict=True)
    )


def seen(rendition: Rendition) -> str:
    """The colours of the four quarters, by their letters, row by row."""
    points = [pixel(rendition, x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    return "".join(k for p in points for k, color in LETTERS.items() if near(p, color, 30))


def chunks(data: bytes) -> set[bytes]:
    """The names of a WebP's chunks."""
    names, at = set(), 12
    while at < len(data):
        names.add(data[at : at + 4])
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return names


def assert_only_pixels(picture: Picture) -> None:
    for rendition in (picture.full, picture.thumbnail):
        assert chunks(rendition.data) <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}
        assert MARK.encode() not in rendition.data


def exif(orientation: int = 1) -> Image.Exif:
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


def profile(copyright: str = "", primaries: tuple[tuple[float, ...], ...] = ()) -> bytes:
    """An sRGB profile, perhaps with other primaries (XYZ of red, green and blue)."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=False):
        at = int.from_bytes(data[data.index(name) + 4 :][:4])
        data[at + 8 : at + 20] = struct.pack(">3i", *(round(v * 65536) for v in xyz))
    return bytes(data) + copyright.encode()


DISPLAY_P3 = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)


# Metadata, orientation and size


@pytest.mark.parametrize("format", FORMATS)
def test_a_rendered_picture_has_no_metadata(format: str) -> None:
    data = with_metadata(format)
    assert MARK.encode() in data

    picture = render(data)

    assert_only_pixels(picture)
    assert seen(picture.full) == seen(picture.thumbnail) == "RGBW"
    assert (picture.content_type, picture.extension) == ("image/webp", "webp")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, "RGBW"),
        (2, "GRWB"),
        (3, "WBGR"),
        (4, "BWRG"),
        (5, "RBGW"),
        (6, "BRWG"),
        (7, "WGBR"),
        (8, "GWRB"),
    ],
)
def test_a_rendered_picture_is_upright(format: str, orientation: int, expected: str) -> None:
    picture = render(with_metadata(format, orientation))

    assert seen(picture.full) == seen(picture.thumbnail) == expected
    assert (picture.width, picture.height) == ((96, 64) if orientation < 5 else (64, 96))
    assert_only_pixels(picture)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_invalid_orientation_is_ignored(orientation: int) -> None:
    assert seen(render(encode(quarters(), "JPEG", exif=exif(orientation))).full) == "RGBW"


def test_a_photo_with_unreadable_exif_is_accepted() -> None:
    data = encode(quarters(), "WEBP", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + MARK.encode())
    assert_only_pixels(render(data))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("size", "full", "thumbnail"),
    [
        ((1, 1), (1, 1), (1, 1)),
        ((400, 300), (400, 300), (400, 300)),
        ((1600, 1200), (1600, 1200), (400, 300)),
        ((2000, 1500), (1600, 1200), (400, 300)),
        ((1500, 2000), (1200, 1600), (300, 400)),
    ],
)
def test_a_picture_is_shrunk_to_the_sizes_of_the_renditions(
    format: str, size: tuple[int, int], full: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    picture = render(plain(format, *size))

    assert opened(picture.full).size == full
    assert opened(picture.thumbnail).size == thumbnail
    assert near(pixel(picture.full), RED)
    assert near(pixel(picture.thumbnail), RED)


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(1, 20000), (20000, 1)])
def test_a_picture_of_one_pixel_height_or_width_keeps_that_pixel(
    format: str, size: tuple[int, int]
) -> None:
    picture = render(plain(format, *size))

    assert sorted((picture.width, picture.height)) == [1, 1600]
    assert sorted(opened(picture.thumbnail).size) == [1, 400]


@pytest.mark.parametrize("size", [(4032, 3024), (3024, 4032), (4000, 2251)])
def test_a_large_jpeg_is_decoded_at_half_size(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []

    def shrink(image: Image.Image, edge: int) -> Image.Image:
        decoded.append(image.size)
        return image

    monkeypatch.setattr(pictures, "_shrink", shrink)
    render(encode(quarters(*size), "JPEG"))
    assert max(decoded[0]) == max(size) // 2


def test_the_blurhash_has_more_detail_along_the_longer_edge() -> None:
    # Its first character is (x - 1) + (y - 1) * 9 in base 83.
    assert render(plain("PNG", 64, 48)).blurhash[0] == "L"  # 4 x 3
    assert render(plain("PNG", 48, 64)).blurhash[0] == "T"  # 3 x 4


def test_the_blurhash_of_a_transparent_picture_is_that_of_white() -> None:
    clear = encode(Image.new("RGBA", (64, 48), (255, 0, 0, 0)), "PNG")
    assert render(clear).blurhash == render(plain("PNG", 64, 48, WHITE)).blurhash


# Colours


@pytest.mark.parametrize("format", FORMATS)
def test_a_wide_gamut_is_converted(format: str) -> None:
    image = Image.new("RGB", (64, 64), (200, 100, 50))
    picture = render(encode(image, format, icc_profile=profile(primaries=DISPLAY_P3)))

    assert near(pixel(picture.full), (214, 96, 33), 6)
    assert_only_pixels(picture)


def test_alpha_survives_the_colour_conversion() -> None:
    image = Image.new("RGBA", (64, 64), (200, 100, 50, 128))
    picture = render(encode(image, "PNG", icc_profile=profile(primaries=DISPLAY_P3)))
    assert near(pixel(picture.full), (214, 96, 33, 128), 6)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("broken", [MARK.encode() * 20, profile()[:300], b"\0" * 128])
def test_a_broken_profile_is_dropped(format: str, broken: bytes) -> None:
    picture = render(encode(quarters(), format, icc_profile=broken))

    assert seen(picture.full) == "RGBW"
    assert_only_pixels(picture)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_profile_for_other_channels_is_dropped(mode: str) -> None:
    image = Image.new("RGB", (64, 64), WHITE).convert(mode)
    picture = render(encode(image, "JPEG", icc_profile=profile()))
    assert near(pixel(picture.full), WHITE)


def test_a_cmyk_picture_is_converted() -> None:
    assert seen(render(encode(quarters().convert("CMYK"), "JPEG")).full) == "RGBW"


@pytest.mark.parametrize("value", [0, 64, 128, 255])
def test_sixteen_bit_grey_keeps_its_shade(value: int) -> None:
    image = Image.new("I;16", (64, 64), value * 257)
    assert near(pixel(render(encode(image, "PNG")).full), (value,) * 3, 3)


def test_sixteen_bit_colour_is_converted() -> None:
    rows = (b"\0" + struct.pack(">3H", *(v * 257 for v in GREEN)) * 16) * 16
    assert near(pixel(render(png(16, 16, rows, depth=16, color=2)).full), GREEN)


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_pictures_in_other_modes_are_converted(mode: str) -> None:
    image = Image.new("RGB", (64, 64), WHITE).convert(mode)
    picture = render(encode(image, "PNG"))
    assert near(pixel(picture.full), WHITE)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_kept(mode: str) -> None:
    image = Image.new("RGBA", (2000, 1000), (0, 0, 0, 0))
    image.paste((90, 90, 90, 255), (0, 0, 1000, 1000))
    picture = render(encode(image.convert(mode), "PNG"))

    for rendition in (picture.full, picture.thumbnail):
        assert near(pixel(rendition, 0.2), (90, 90, 90, 255))
        assert pixel(rendition, 0.8)[3] == 0


def test_a_transparent_palette_colour_stays_transparent() -> None:
    image = quarters().quantize(4)
    green = image.getpixel((70, 10))
    picture = render(encode(image, "PNG", transparency=green))

    assert pixel(picture.full, 0.75, 0.25)[3] == 0
    assert near(pixel(picture.full, 0.25, 0.25), (*RED, 255))


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_colours_of_transparent_pixels_are_removed(format: str) -> None:
    image = quarters().convert("RGBA")
    image.putalpha(0)
    data = encode(image, format, **({"lossless": True, "exact": True} if format == "WEBP" else {}))

    assert near(pixel(render(data).full, 0.25, 0.25), (0, 0, 0, 0), 1)


# Several pictures in one file


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_only_the_first_frame_of_an_animation_is_used(format: str) -> None:
    frames = [Image.new("RGB", (64, 64), color) for color in (GREEN, RED, BLUE)]
    data = encode(frames[0], format, save_all=True, append_images=frames[1:], duration=50)

    picture = render(data)

    assert near(pixel(picture.full)[:3], GREEN)
    assert not getattr(opened(picture.full), "is_animated", False)


def test_only_the_primary_picture_of_a_heic_is_used() -> None:
    images = [Image.new("RGB", (64, 64), color) for color in (RED, GREEN)]
    data = encode(images[0], "HEIF", save_all=True, append_images=images[1:], primary_index=1)
    assert near(pixel(render(data).full), GREEN)


def test_only_the_first_picture_of_a_multi_picture_jpeg_is_used() -> None:
    data = encode(quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))])
    assert seen(render(data).full) == "RGBW"


# Limits


def png(width: int, height: int, rows: bytes, *, depth: int = 1, color: int = 0) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def claiming(format: str, width: int, height: int) -> bytes:
    """A small picture whose header claims another size."""
    data = bytearray(plain(format))
    if format == "PNG":
        return png(width, height, b"")
    if format == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">2H", height, width)
    if format == "WEBP":
        data[26:30] = struct.pack("<2H", width, height)
    if format == "HEIF":
        at = data.index(b"ispe") + 8
        data[at : at + 8] = struct.pack(">2I", width, height)
    return bytes(data)


def test_the_limit_is_exact() -> None:
    row = b"\0" + b"\xff" * 625
    assert render(png(5000, 5000, row * 5000)).width == 1600
    with pytest.raises(BrokenPicture, match="5000 x 5001 pixels"):
        render(png(5000, 5001, row * 5001))


@pytest.mark.parametrize("format", FORMATS)
def test_the_limit_counts_pixels_of_every_format(format: str) -> None:
    data = plain(format, 64, 64)
    assert render(data, max_pixels=64 * 64).width == 64
    with pytest.raises(BrokenPicture, match="64 x 64 pixels"):
        render(data, max_pixels=64 * 64 - 1)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("size", [(6000, 6000), (10000, 10000), (16000, 16000)])
def test_a_huge_claimed_size_is_refused_before_decoding(
    format: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image.Image, "draft", lambda *_: pytest.fail("it would be decoded"))
    with pytest.raises(BrokenPicture, match=r"pixels"):
        render(claiming(format, *size))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "HEIF"])
@pytest.mark.parametrize("size", [(0, 64), (64, 0), (0, 0)])
def test_a_picture_without_pixels_is_refused(format: str, size: tuple[int, int]) -> None:
    with pytest.raises(BrokenPicture):
        render(claiming(format, *size))


@pytest.mark.parametrize(
    ("format", "size"),
    [
        ("PNG", (500, 500)),
        ("WEBP", (500, 500)),
        ("HEIF", (500, 500)),
        ("HEIF", (8, 8)),
    ],
)
def test_a_picture_with_a_wrong_claimed_size_is_refused(format: str, size: tuple[int, int]) -> None:
    with pytest.raises(BrokenPicture):
        render(claiming(format, *size))


def test_a_heic_with_a_hidden_larger_picture_is_refused() -> None:
    images = [Image.new("RGB", (size, size)) for size in (64, 512)]
    data = encode(images[0], "HEIF", save_all=True, append_images=images[1:])
    with pytest.raises(BrokenPicture, match="512 x 512 pixels"):
        render(data, max_pixels=64 * 64)


def test_a_jpeg_with_too_many_scans_is_refused() -> None:
    data = encode(quarters(), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    assert render(data[:-2] + last * 20 + data[-2:]).width > 0
    with pytest.raises(BrokenPicture, match="scans"):
        render(data[:-2] + last * 200 + data[-2:])


@pytest.mark.parametrize(
    ("kind", "head"), [(b"zTXt", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0"), (b"iCCP", b"a\0\0")]
)
def test_a_png_with_a_decompression_bomb_in_its_metadata_is_refused(
    kind: bytes, head: bytes
) -> None:
    bomb = chunk(kind, head + zlib.compress(b"\0" * 50_000_000))
    data = plain("PNG")
    with pytest.raises(BrokenPicture):
        render(data[:33] + bomb + data[33:])


# Unsupported and damaged files


def avif() -> bytes:
    return encode(quarters(), "AVIF")


UNSUPPORTED: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "short": lambda: b"\xff\xd8",
    "text": lambda: b"hello",
    "gif": lambda: encode(quarters(), "GIF"),
    "bmp": lambda: encode(quarters(), "BMP"),
    "tiff": lambda: encode(quarters(), "TIFF"),
    "eps": lambda: encode(quarters(), "EPS"),
    "pdf": lambda: encode(quarters(), "PDF"),
    "jpeg 2000": lambda: encode(quarters(), "JPEG2000"),
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": lambda: b"<!doctype html><script>alert(1)</script>",
    "avif": avif,
    "avif that calls itself mif1": lambda: avif()[:8] + b"mif1" + avif()[12:],
    "mp4": lambda: b"\0\0\0\x18ftypisom\0\0\0\0isomheic" + b"\0" * 100,
    "wav": lambda: b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 100,
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_an_unsupported_format_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedPicture):
        render(UNSUPPORTED[name]())


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xe0<?php system($_GET[0]); ?>",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"RIFF\x20\0\0\0WEBPVP8 <script>alert(1)</script>",
        b"RIFF\x20\0\0\0WEBP",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic<script>alert(1)</script>",
        b"\0\0\0\x18ftypmif1",
        b"\xff\xff\xff\xffftypheic",
    ],
)
def test_a_file_with_only_the_right_first_bytes_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenPicture):
        render(data)


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("HEIF", {}),
    ],
)
def test_a_truncated_picture_is_refused(format: str, options: dict[str, Any]) -> None:
    # Several pictures: in some files a decoder does not need the last bits.
    several = [encode(Image.effect_noise((160, 120), 80), format, **options) for _ in range(20)]
    ends = [(data, len(data) - missing) for data in several for missing in (13, 2, 1)]
    whole = several[0]
    ends += [(whole, end) for end in range(16, len(whole) - 24, len(whole) // 50)]
    for data, end in ends:
        with pytest.raises(BrokenPicture):
            render(data[:end])


SEEDS = {format: with_metadata(format) for format in FORMATS}


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_gives_a_picture_or_a_refusal(format: str, data: st.DataObject) -> None:
    seed = bytearray(SEEDS[format])
    places = st.integers(0, len(seed) - 1)
    for at, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        seed[at] = value
    start, end = sorted(data.draw(st.tuples(places, places)))
    cut = data.draw(st.sampled_from([seed, seed[:end], seed[:start] + seed[end:]]))
    with suppress(BrokenPicture, UnsupportedPicture):
        assert_only_pixels(render(bytes(cut)))


def test_importing_the_renderer_loads_no_picture_library() -> None:
    code = "import sys, app.integrations.pictures.renderer; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not re.search(r"\b(PIL|pillow_heif|blurhash_rs)\b", done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel")
def test_a_webp_of_twelve_megapixels_needs_at_most_160_mb(
    tmp_path: Path,
) -> None:
    """The decoder's two canvases of 48 MB each must be freed before the picture is copied."""
    noise = Image.effect_noise((1000, 750), 40).resize((4000, 3000))
    (tmp_path / "photo").write_bytes(encode(noise, "WEBP", method=0))
    code = (
        "import re, sys; from app.integrations.pictures.rendering import render\n"
        "status = lambda: open('/proc/self/status').read()\n"
        "most = lambda: int(re.search('VmHWM:[^0-9]+([0-9]+)', status())[1])\n"
        "data = open(sys.argv[1], 'rb').read(); rest = most(); render(data); print(most() - rest)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "photo")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) / 1024 < 160
