"""What the installation calls itself and looks like. All that users see says it from here.

`Settings.brand` makes it once. Templates get it as `brand`. The product's own name stays in
headers, metrics, commands and settings.
"""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from app.core.settings import app_icon
from app.core.settings.accent import OURS, Shades, shades_of
from app.core.settings.app_icon import AppIcon
from app.core.text import ForbiddenCharacter, TextTooLong, TooManyMarks, clean
from app.core.texts import Locale

OUR_NAME = "Linky"
LONGEST_NAME = 30
LONGEST_TAGLINE = 60
_JOINERS = "\u200c\u200d"
_TAGS = range(0xE0020, 0xE0080)
"""Of invisible signs only these are a part of a script, or of an emoji."""


def ensure_name(written: str) -> str:
    """Raises ValueError unless it is one line with 1 to 30 letters."""
    name = _line(written, LONGEST_NAME)
    if not name:
        raise ValueError("has no letter that is seen")
    return name


def ensure_tagline(written: str) -> str:
    """Raises ValueError unless it is one line with at most 60 letters."""
    return _line(written, LONGEST_TAGLINE)


def _line(written: str, longest: int) -> str:
    try:
        line = clean(written, longest=longest, multiline=False)
    except TextTooLong:
        raise ValueError(_too_long(len(written), longest)) from None
    except (ForbiddenCharacter, TooManyMarks):
        raise ValueError("must be plain text on one line") from None
    if len(line) > longest:
        raise ValueError(_too_long(len(line), longest))
    if any(_turns_the_text(char) for char in line):
        raise ValueError("has an invisible sign, such as one that turns the direction of the text")
    return line


def _too_long(length: int, longest: int) -> str:
    return f"has {length} letters; {longest} are the most"


def _turns_the_text(char: str) -> bool:
    is_invisible = unicodedata.category(char) == "Cf"
    return is_invisible and char not in _JOINERS and ord(char) not in _TAGS


# Compared by identity, which is quick: `Settings` has one.
@dataclass(frozen=True, eq=False)
class Brand:
    name: str
    tagline: str
    shades: Shades
    style: bytes
    """CSS with the shades. Empty for our own, which tokens.css has."""

    icon: AppIcon
    icon_url: str
    """With the content's digest, so that browsers may keep it for ever."""

    has_own_icon: bool

    @property
    def is_ours(self) -> bool:
        return self.name == OUR_NAME

    @property
    def ja(self) -> str:
        """The name before Japanese letters: a Latin one stands apart from them."""
        return self.name if _is_wide(self.name[-1]) else f"{self.name} "

    @property
    def ja_within(self) -> str:
        """The same between Japanese letters."""
        return self.ja if _is_wide(self.name[0]) else f" {self.ja}"

    def before(self, locale: Locale) -> str:
        """For a text that goes on at once in Japanese, and after a space in English."""
        return self.ja if locale == "ja" else self.name


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def brand_of(name: str, tagline: str, color: str | None, icon: Path | None) -> Brand:
    """Raises ValueError if the icon is not there any more."""
    shades = shades_of(color) if color else OURS
    shown = (
        app_icon.drawn(name, shades.light.fill, is_ours=name == OUR_NAME)
        if icon is None
        else app_icon.read_png(icon)
    )
    return Brand(
        name,
        tagline,
        shades,
        shades.style() if color else b"",
        shown,
        f"{app_icon.PREFIX}{shown.digest}",
        icon is not None,
    )
