"""One colour of the operator's, and what is made of it for light and dark pages.

Contrast is that of WCAG 2.2: 4.5 to 1 between letters and what is behind them (1.4.3, AA).
"""

import colorsys
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

ENOUGH = 4.5
"""Of this the operator's colour must have as much, with white and with the light pages."""

DARK_AIM = 6.0
"""Lit letters on a dark page need more to look alike."""

WHITE = "#ffffff"
LIGHT_PAGES = ("#ffffff", "#f4f4f1", "#f3f1ec", "#f1efe9")
DARK_PAGES = ("#14171a", "#15181b", "#1e2226", "#20252a", "#272c31")
"""What letters stand on in tokens.css and in mails."""

_WRITTEN = re.compile("#[0-9a-f]{6}")
_STEPS = 50
_CALMER = 0.8
"""The part of its saturation that a lit colour keeps. All of it would glow."""


@dataclass(frozen=True, slots=True)
class Shade:
    """The colour as letters, as what white letters stand on, and as a paper for its letters."""

    accent: str
    fill: str
    tint: str


@dataclass(frozen=True, slots=True)
class Shades:
    light: Shade
    dark: Shade

    def style(self) -> bytes:
        """Replaces the colours of tokens.css."""
        dark = f"@media (prefers-color-scheme: dark) {{ {_properties(self.dark)} }}"
        return f"{_properties(self.light)}\n{dark}\n".encode()


def _properties(shade: Shade) -> str:
    return (
        f":root {{ --accent: {shade.accent}; --accent-fill: {shade.fill}; --tint: {shade.tint}; }}"
    )


OURS = Shades(
    Shade("#0f6b5c", "#0f6b5c", "#e3efec"),
    Shade("#58c4b0", "#17796a", "#1b3a36"),
)
"""Those of tokens.css."""


def ensure_readable(written: str) -> str:
    """The colour as `#rrggbb`. Raises ValueError if letters of it, or on it, are hard to read."""
    color = written.strip().lower()
    if not _WRITTEN.fullmatch(color):
        raise ValueError("is written #rrggbb")
    has = {"white text on it": contrast(color, WHITE), "it on a page": _least(color, LIGHT_PAGES)}
    if low := [f"{what} has {ratio:.2f}" for what, ratio in has.items() if ratio < ENOUGH]:
        better = _darker(color)
        raise ValueError(
            f"has too little contrast: {' and '.join(low)}, and {ENOUGH} to 1 is needed; "
            f"{better} would do"
        )
    return color


def shades_of(color: str) -> Shades:
    """Those of a colour that `ensure_readable` has let through."""
    papers = _towards(mix(color, WHITE, 0.88), WHITE)
    paper = _first(papers, lambda paper: contrast(color, paper) >= ENOUGH)
    tint = mix(color, DARK_PAGES[2], 0.72)
    accent = _first(_lit(color), lambda lit: _least(lit, (*DARK_PAGES, tint)) >= DARK_AIM)
    *_, fill = (lit for lit in _lit(color) if contrast(lit, WHITE) >= ENOUGH)
    return Shades(Shade(color, color, paper), Shade(accent, fill, tint))


def mix(one: str, other: str, share: float) -> str:
    """`share` is the part of the other."""
    parts = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _darker(color: str) -> str:
    return _first(_towards(color, "#000000"), lambda one: _least(one, LIGHT_PAGES) >= ENOUGH)


def _least(color: str, pages: Iterable[str]) -> float:
    return min(contrast(color, page) for page in pages)


def _towards(one: str, other: str) -> list[str]:
    """Mixes of both, from the one to the other."""
    return [mix(one, other, step / _STEPS) for step in range(_STEPS + 1)]


def _lit(color: str) -> Iterable[str]:
    """The colour lighter and lighter, in its hue: a mix with white would look washed out."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(color)))
    yield color
    for step in range(1, _STEPS + 1):
        lit = lightness + (1 - lightness) * step / _STEPS
        parts = colorsys.hls_to_rgb(hue, lit, saturation * _CALMER)
        yield "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _first(colors: Iterable[str], fits: Callable[[str], bool]) -> str:
    return next(filter(fits, colors))


def _luminance(color: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parts(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))
