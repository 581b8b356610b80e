"""Rendering uploads: the result has the same pixels, upright and shrunk, and no metadata."""

import re
import subprocess
import sys

import pytest
from PIL import Image

from app.integrations.pictures import rendering as pictures
from app.integrations.pictures.rendering import render
from tests.integrations.rendering import (
    BLUE,
    FORMATS,
    GREEN,
    MARK,
    RED,
    WHITE,
    assert_only_pixels,
    encode,
    exif,
    near,
    opened,
    pixel,
    plain,
    quarters,
    seen,
    with_metadata,
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


def test_importing_the_renderer_loads_no_picture_library() -> None:
    code = "import sys, app.integrations.pictures.renderer; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not re.search(r"\b(PIL|pillow_heif|blurhash_rs)\b", done.stdout)
