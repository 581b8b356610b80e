"""Photos as cameras make them: rotated by EXIF, and with the place where they were taken."""

import io

import pillow_heif
from PIL import ExifTags, Image

MARK = "HOME-OF-THE-PHOTOGRAPHER"
"""Is in every photo, and must not be in any served picture."""

TURNED_RIGHT = 6
"""EXIF: turn the picture by 90 degrees clockwise to see it upright."""

_CORNERS = {
    (0.1, 0.1): (220, 30, 30),
    (0.9, 0.1): (30, 190, 30),
    (0.1, 0.9): (30, 30, 220),
    (0.9, 0.9): (250, 250, 250),
}
WIDTH, HEIGHT = 480, 360

pillow_heif.register_heif_opener()


def scene() -> Image.Image:
    """A landscape picture with a different colour in each quarter."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    for (x, y), color in _CORNERS.items():
        left, top = round(x) * WIDTH // 2, round(y) * HEIGHT // 2
        image.paste(color, (left, top, left + WIDTH // 2, top + HEIGHT // 2))
    return image


def jpeg() -> bytes:
    """Taken with the camera held upright: the stored pixels lie on their side."""
    on_its_side = scene().transpose(Image.Transpose.ROTATE_90)
    return _encode(on_its_side, "JPEG", _exif(TURNED_RIGHT), comment=MARK)


def png() -> bytes:
    return _encode(scene(), "PNG", _exif())


def webp() -> bytes:
    return _encode(scene(), "WEBP", _exif(), xmp=MARK.encode())


def heic() -> bytes:
    return _encode(scene(), "HEIF", _exif())


def twelve_megapixels() -> bytes:
    """A JPEG as phones make it, some 3 MB."""
    return noisy(4000, 3000)


def noisy(width: int, height: int) -> bytes:
    """A JPEG with the noise of a real sensor."""
    noise = Image.effect_noise((width // 4, height // 4), 40)
    noise = noise.resize((width, height), Image.Resampling.BICUBIC)
    tinted = Image.merge("RGB", (noise, noise.point(lambda v: v / 2), noise))
    return _encode(tinted, "JPEG", Image.Exif())


def soft(width: int, height: int, size: int) -> bytes:
    """A JPEG of a gradient, with comments up to `size` bytes.

    To render it takes the memory of a noisy one of that size, and half the time.
    """
    gradient = Image.linear_gradient("L").resize((width, height))
    data = _encode(gradient.convert("RGB"), "JPEG", Image.Exif())
    comment = b"\xff\xfe\xff\xff" + bytes(0xFFFF - 2)
    return data[:2] + comment * ((size - len(data)) // len(comment)) + data[2:]


def ensure_upright_and_silent(data: bytes) -> None:
    """Check that a served picture is upright and has no metadata."""
    image = Image.open(io.BytesIO(data))
    width, height = image.size
    assert width * HEIGHT == height * WIDTH, image.size
    pixels = image.convert("RGB")
    for (x, y), color in _CORNERS.items():
        seen = pixels.getpixel((int(width * x), int(height * y)))
        assert isinstance(seen, tuple)
        far = max(abs(a - b) for a, b in zip(seen, color, strict=True))
        assert far < 40, f"{seen} instead of {color} at {x}, {y}"
    assert not image.getexif()
    assert not image.info.keys() & {"exif", "xmp", "comment", "icc_profile"}
    assert MARK.encode() not in data


def _exif(orientation: int | None = None) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = MARK
    if orientation:
        exif[ExifTags.Base.Orientation] = orientation
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (35.0, 39.0, 31.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (139.0, 44.0, 43.0)
    return exif


def _encode(image: Image.Image, format: str, exif: Image.Exif, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, exif=exif.tobytes(), quality=92, **options)
    data = out.getvalue()
    again = Image.open(io.BytesIO(data))
    # Without the place in the photo the test would prove nothing.
    assert not exif or again.getexif().get_ifd(ExifTags.IFD.GPSInfo), format
    return data
