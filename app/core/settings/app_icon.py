"""The icon of the pages and of the browser's tab: a PNG of the operator's, or one that is drawn.

An SVG can hold a script, and an open address would run it. So a file must be a PNG.
"""

import hashlib
import zlib
from dataclasses import dataclass
from html import escape
from pathlib import Path

from app.core.text import first_letter

PREFIX = "/app-icon/"
LONGEST = 256 * 1024
SIDES = range(64, 1025)
"""In pixels. Screens show it at up to 180."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = slice(8, 24)
_OURS = (Path(__file__).parents[1] / "static" / "icon.svg").read_text(encoding="utf-8").strip()
_OURS_FILL = "#0f6b5c"


@dataclass(frozen=True, slots=True)
class AppIcon:
    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:12]


def read_png(path: Path) -> AppIcon:
    """Raises ValueError if it is no PNG that pages can show, by its bytes."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise ValueError(f"can't be read: {error.strerror}") from None
    if len(content) > LONGEST:
        raise ValueError(f"is larger than {LONGEST // 1024} KB")
    _ensure_png(content)
    return AppIcon(content, "image/png")


def _ensure_png(content: bytes) -> None:
    if not content.startswith(_SIGNATURE) or content[_HEADER][:8] != b"\x00\x00\x00\rIHDR":
        raise ValueError("must be a PNG; its bytes are of something else")
    _ensure_whole(content)
    width, height = (int.from_bytes(content[at : at + 4]) for at in (16, 20))
    if width != height or width not in SIDES:
        raise ValueError(
            f"must be square, of {SIDES[0]} to {SIDES[-1]} pixels; it is {width} × {height}"
        )


def _ensure_whole(content: bytes) -> None:
    """Each part has the checksum that it says, and the last one ends the file."""
    at, kind = len(_SIGNATURE), b""
    while at < len(content) and kind != b"IEND":
        end = at + 8 + int.from_bytes(content[at : at + 4])
        kind = content[at + 4 : at + 8]
        if zlib.crc32(content[at + 4 : end]) != int.from_bytes(content[end : end + 4]):
            raise ValueError("is a PNG that is cut off or damaged")
        at = end + 4
    if kind != b"IEND" or at != len(content):
        raise ValueError("is a PNG that is cut off, or has something behind its end")


def drawn(name: str, fill: str, *, is_ours: bool) -> AppIcon:
    """Ours, or the name's first letter, in the installation's colour."""
    svg = _OURS.replace(_OURS_FILL, fill) if is_ours else _letter(name, fill)
    return AppIcon(svg.encode(), "image/svg+xml")


def _letter(name: str, fill: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="15" fill="{fill}"/>'
        '<text x="32" y="34" fill="#fff" font-family="system-ui,sans-serif" font-size="36" '
        'font-weight="700" text-anchor="middle" dominant-baseline="central">'
        f"{escape(first_letter(name))}</text></svg>"
    )
