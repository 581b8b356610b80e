"""The renderer refuses pictures that are too large, damaged, hostile or of another format."""

import random
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.integrations.pictures.rendering import BrokenPicture, UnsupportedPicture, render
from tests.integrations.rendering import (
    FORMATS,
    assert_only_pixels,
    chunk,
    encode,
    plain,
    png,
    quarters,
    with_metadata,
)
from tests.support.chance import tried

# Too many pixels, or too much of something else


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


@pytest.mark.parametrize("flip", [1, -1])
def test_the_limit_of_a_side_is_exact(flip: int) -> None:
    longest, longer = (20_000, 1)[::flip], (20_001, 1)[::flip]
    sides = render(plain("PNG", *longest))
    assert max(sides.width, sides.height) == 1600
    with pytest.raises(BrokenPicture, match=f"{longer[0]} x {longer[1]} pixels"):
        render(plain("PNG", *longer))


@pytest.mark.parametrize("format", FORMATS)
def test_the_limit_counts_pixels_of_every_format(format: str) -> None:
    data = plain(format, 64, 64)
    assert render(data, max_pixels=64 * 64).width == 64
    with pytest.raises(BrokenPicture, match="64 x 64 pixels"):
        render(data, max_pixels=64 * 64 - 1)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "size",
    [(6000, 6000), (10000, 10000), (16000, 16000), (1, 20_001), (20_001, 1), (1, 25_000_000)],
)
def test_a_huge_claimed_size_is_refused_before_decoding(
    format: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    if max(size) > {"JPEG": 65_535, "WEBP": 16_383}.get(format, max(size)):
        size = (6000, 6000)  # No header of this format can claim such a side.
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


@cache
def compressed_zeros() -> bytes:
    return zlib.compress(b"\0" * 50_000_000)


@pytest.mark.parametrize(
    ("kind", "head"), [(b"zTXt", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0"), (b"iCCP", b"a\0\0")]
)
def test_a_png_with_a_decompression_bomb_in_its_metadata_is_refused(
    kind: bytes, head: bytes
) -> None:
    bomb = chunk(kind, head + compressed_zeros())
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


def noise(seed: int) -> Image.Image:
    return Image.frombytes("L", (160, 120), random.Random(seed).randbytes(160 * 120))


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
    several = [encode(noise(number), format, **options) for number in range(20)]
    ends = [(data, len(data) - missing) for data in several for missing in (13, 2, 1)]
    whole = several[0]
    ends += [(whole, end) for end in range(16, len(whole) - 24, len(whole) // 50)]
    for data, end in ends:
        with pytest.raises(BrokenPicture):
            render(data[:end])


SEEDS = {format: with_metadata(format) for format in FORMATS}


@pytest.mark.parametrize("format", FORMATS)
@tried(150)
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
