"""A canvas in the finished picture's pixels. It is drawn larger, for smooth edges."""

import io
from collections.abc import Sequence
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 900
SMOOTHING = 2
QUALITY = 90

type Point = tuple[float, float]


class Canvas:
    """The picture's name seeds its random numbers, so each run draws the same pictures."""

    def __init__(self, name: str, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.width, self.height = width, height
        self.random = Random(name)  # noqa: S311 - It need not be secure.
        self._image = Image.new("RGB", (width * SMOOTHING, height * SMOOTHING))
        self._draw = ImageDraw.Draw(self._image)

    def gradient(self, *colours: str, top: float = 0, bottom: float | None = None) -> None:
        """Fill from `top` to `bottom` with colours that run into each other."""
        end = self.height if bottom is None else bottom
        strip = Image.new("RGB", (1, len(colours)))
        for row, colour in enumerate(colours):
            strip.paste(colour, (0, row, 1, row + 1))
        # Sampled between the middles of the rows, so that both ends have exactly the given colours.
        inner = (0, 0.5, 1, len(colours) - 0.5)
        size = (self._image.width, round((end - top) * SMOOTHING))
        filled = strip.resize((1, size[1]), Image.Resampling.BILINEAR, inner).resize(size)
        self._image.paste(filled, (0, round(top * SMOOTHING)))

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: str) -> None:
        box = self._scaled([(x - rx, y - ry), (x + rx, y + ry)])
        self._draw.ellipse(box, fill=colour)

    def circle(self, x: float, y: float, r: float, colour: str) -> None:
        self.ellipse(x, y, r, r, colour)

    def polygon(self, points: Sequence[Point], colour: str) -> None:
        self._draw.polygon(self._scaled(points), fill=colour)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: str, r: float = 0) -> None:
        """A rectangle, with round corners of radius `r`."""
        box = self._scaled([(x0, y0), (x1, y1)])
        self._draw.rounded_rectangle(box, radius=r * SMOOTHING, fill=colour)

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        """A line with round ends and corners."""
        scaled = self._scaled(points)
        self._draw.line(scaled, fill=colour, width=round(width * SMOOTHING), joint="curve")
        for x, y in (points[0], points[-1]):
            self.circle(x, y, width / 2 - 0.5, colour)

    def arc(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        turn: tuple[float, float],
        pen: tuple[str, float],
    ) -> None:
        """Part of an ellipse's edge, from one angle to another in degrees, clockwise from three."""
        box = self._scaled([(x - rx, y - ry), (x + rx, y + ry)])
        colour, width = pen
        self._draw.arc(box, turn[0], turn[1], fill=colour, width=round(width * SMOOTHING))

    def petal(
        self, x: float, y: float, reach: float, breadth: float, angle: float, colour: str
    ) -> None:
        """A leaf or petal that begins at a point and reaches out at an angle in radians."""
        points = []
        for step in range(25):
            t = step / 24 * 2 * pi
            along, across = reach * (1 - cos(t)) / 2, breadth * sin(t) / 2
            points.append(_turned(x, y, along, across, angle))
        self.polygon(points, colour)

    def glow(self, x: float, y: float, r: float, colour: str, strength: float = 1.0) -> None:
        """Light that fades out towards the radius."""
        side = round(2 * r * SMOOTHING)
        # The gradient reaches full white at the corners; at the radius it must be nothing.
        fade = Image.radial_gradient("L").point(lambda v: max(0, 180 - v) * strength * 255 / 180)
        mask = fade.resize((side, side), Image.Resampling.BILINEAR)
        self._image.paste(colour, (round((x - r) * SMOOTHING), round((y - r) * SMOOTHING)), mask)

    def veil(self, x: float, y: float, r: float, colour: str, strength: float) -> None:
        """A transparent disc, such as a light out of focus."""
        side = round(2 * r * SMOOTHING)
        mask = Image.new("L", (side, side))
        ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), fill=round(255 * strength))
        self._image.paste(colour, (round((x - r) * SMOOTHING), round((y - r) * SMOOTHING)), mask)

    def mirror(self, horizon: float, water: str, strength: float) -> None:
        """Still water below the horizon: it shows what is above, tinted."""
        edge = round(horizon * SMOOTHING)
        depth = self._image.height - edge
        above = self._image.crop((0, edge - depth, self._image.width, edge))
        turned = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        tint = Image.new("RGB", turned.size, water)
        self._image.paste(Image.blend(turned, tint, strength), (0, edge))

    def jpeg(self) -> bytes:
        """The finished picture as a JPEG."""
        out = io.BytesIO()
        self._image.reduce(SMOOTHING).save(out, "JPEG", quality=QUALITY)
        return out.getvalue()

    def _scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * SMOOTHING, y * SMOOTHING) for x, y in points]


def _turned(x: float, y: float, along: float, across: float, angle: float) -> Point:
    return (
        x + along * cos(angle) - across * sin(angle),
        y + along * sin(angle) + across * cos(angle),
    )
