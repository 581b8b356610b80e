"""Rendering uploads keeps their colours, shades and transparency."""

import struct

import pytest
from PIL import Image

from app.integrations.pictures.rendering import render
from tests.integrations.rendering import (
    FORMATS,
    GREEN,
    MARK,
    RED,
    WHITE,
    assert_only_pixels,
    encode,
    near,
    pixel,
    png,
    profile,
    quarters,
    seen,
)

DISPLAY_P3 = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)


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
