"""Bars as SVG, for a document: no library is needed for so few shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

LEFT, WIDTH, BAR, GAP, TOP = 150, 480, 13, 12, 44
RIGHT = 120
COLORS = (("#5b6770", "#b4bcc2"), ("#b4552d", "#e3b59d"), ("#1f6f78", "#96c5ca"))
OTHER = ("#6b4e9b", "#bfaedb")
"""For each variant the color of the server, and of PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A variant's cost: two parts, one behind the other."""

    name: str
    own: float
    database: float

    @property
    def total(self) -> float:
        return self.own + self.database


def plot(title: str, groups: Mapping[str, Sequence[Bar]]) -> str:
    names = list(dict.fromkeys(bar.name for bars in groups.values() for bar in bars))
    colors = {
        name: COLORS[place] if place < len(COLORS) else OTHER for place, name in enumerate(names)
    }
    longest = max((bar.total for bars in groups.values() for bar in bars), default=1.0)
    shapes = [_text(LEFT, 18, title, "start", "bold")]
    for place, name in enumerate(names):
        shapes += [
            _rectangle(LEFT + 120 * place, 26, 10, 10, colors[name][0]),
            _text(LEFT + 120 * place + 15, 35, name),
        ]
    y = TOP + GAP
    for case, bars in groups.items():
        shapes.append(_text(LEFT - 8, y + BAR * len(bars) / 2 + 4, case, "end"))
        for bar in bars:
            shapes += _bar(bar, y, WIDTH / longest, colors[bar.name])
            y += BAR
        y += GAP
    size = f'viewBox="0 0 {LEFT + WIDTH + RIGHT} {y}" width="{LEFT + WIDTH + RIGHT}" height="{y}"'
    style = 'font-family="sans-serif" font-size="12" fill="#222"'
    background = '<rect width="100%" height="100%" fill="#fff"/>'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>', background, *shapes]
    return "\n".join([*lines, "</svg>", ""])


def _bar(bar: Bar, y: float, scale: float, colors: tuple[str, str]) -> list[str]:
    own, database = bar.own * scale, bar.database * scale
    return [
        _rectangle(LEFT, y, own, BAR - 2, colors[0]),
        _rectangle(LEFT + own, y, database, BAR - 2, colors[1]),
        _text(LEFT + own + database + 5, y + BAR - 3, f"{bar.own:,.0f} + {bar.database:,.0f}"),
    ]


def _rectangle(x: float, y: float, width: float, height: float, color: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{color}"/>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )
