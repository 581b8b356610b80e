"""How much memory a picture takes, each in a process that has rendered nothing before."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.integrations.rendering import encode

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel")

ROOM = 400
"""MiB of addresses that a process may have on top. An allocation beyond them fails."""

_RENDER = """
import re, resource, sys
from app.integrations.pictures.rendering import render

def status(name):
    return int(re.search(name + ":[^0-9]+([0-9]+)", open("/proc/self/status").read())[1])

data = open(sys.argv[1], "rb").read()
rest, most = status("VmHWM"), (status("VmSize") << 10) + (int(sys.argv[2]) << 20)
resource.setrlimit(resource.RLIMIT_AS, (most, most))
picture = render(data)
print(status("VmHWM") - rest >> 10, *(picture.width, picture.height))
print(picture.thumbnail.width, picture.thumbnail.height)
"""

_ULTRAFAST = {"enc_params": {"preset": "ultrafast"}}


def rendered(data: bytes, folder: Path) -> tuple[int, list[int]]:
    """The MiB that rendering took, and the sides of the two renditions."""
    (folder / "upload").write_bytes(data)
    command = [sys.executable, "-c", _RENDER, str(folder / "upload"), str(ROOM)]
    # Otherwise each thread of a decoder reserves addresses that it never uses.
    env = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    mebibytes, *sides = map(int, done.stdout.split())
    return mebibytes, sides


def black(mode: str, width: int, height: int) -> Image.Image:
    if mode == "I;16":
        return Image.frombytes(mode, (width, height), bytes(2 * width * height))
    return Image.new(mode, (width, height))


@pytest.mark.parametrize(
    ("format", "mode", "options"),
    [
        ("PNG", "L", {}),
        ("PNG", "I;16", {}),
        ("PNG", "LA", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "RGB", {"transparency": (1, 2, 3)}),
        ("WEBP", "RGBA", {"method": 0}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("JPEG", "CMYK", {"progressive": True, "subsampling": 0}),
        ("HEIF", "RGB", _ULTRAFAST),
        ("HEIF", "RGBA", _ULTRAFAST),
    ],
)
def test_the_largest_picture_takes_at_most_300_mib(
    format: str, mode: str, options: dict[str, Any], tmp_path: Path
) -> None:
    mebibytes, sides = rendered(encode(black(mode, 5000, 5000), format, **options), tmp_path)
    assert (mebibytes < 300, sides) == (True, [1600, 1600, 400, 400]), mebibytes


@pytest.mark.parametrize(
    ("format", "mode"),
    [("PNG", "L"), ("PNG", "I;16"), ("PNG", "RGBA"), ("JPEG", "RGB"), ("HEIF", "RGB")],
)
@pytest.mark.parametrize("is_upright", [True, False])
def test_the_longest_picture_takes_at_most_300_mib(
    format: str, mode: str, is_upright: bool, tmp_path: Path
) -> None:
    size = (1250, 20_000) if is_upright else (20_000, 1250)
    options = _ULTRAFAST if format == "HEIF" else {}
    mebibytes, sides = rendered(encode(black(mode, *size), format, **options), tmp_path)
    expected = [100, 1600, 25, 400] if is_upright else [1600, 100, 400, 25]
    assert (mebibytes < 300, sides) == (True, expected), mebibytes


@pytest.mark.parametrize("mode", ["L", "I;16", "RGBA"])
@pytest.mark.parametrize("size", [(1, 20_000), (20_000, 1)])
def test_the_thinnest_picture_takes_next_to_nothing(
    mode: str, size: tuple[int, int], tmp_path: Path
) -> None:
    mebibytes, sides = rendered(encode(black(mode, *size), "PNG"), tmp_path)
    assert (mebibytes < 20, sorted(sides)) == (True, [1, 1, 400, 1600]), mebibytes


def test_a_webp_of_twelve_megapixels_takes_at_most_160_mib(tmp_path: Path) -> None:
    """The decoder's two canvases of 48 MB each must be freed before the picture is copied."""
    noise = Image.effect_noise((1000, 750), 40).resize((4000, 3000))
    mebibytes, _ = rendered(encode(noise, "WEBP", method=0), tmp_path)
    assert mebibytes < 160
