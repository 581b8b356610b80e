"""Cats."""

from math import pi

from linky_dev.seed.drawing.canvas import HEIGHT, WIDTH, Canvas


def cat_window(c: Canvas) -> None:
    """A cat looks out at the evening and is not to be disturbed."""
    c.gradient("#3b3f78", "#a8648f", "#f79f79", "#ffd7a0", bottom=690)
    c.glow(800, 560, 330, "#fff0c0", 0.8)
    c.circle(800, 560, 60, "#fff2cc")
    x = 0.0
    while x < WIDTH:
        width, height = c.random.uniform(60, 130), c.random.uniform(40, 150)
        c.box(x, 690 - height, x + width, 700, "#6a4a78")
        x += width
    c.box(0, 0, WIDTH, 46, "#2b1f2e")
    for x in (0, 590, 1160):
        c.box(x, 0, x + 40, 700, "#2b1f2e")
    c.box(0, 690, WIDTH, HEIGHT, "#3a2a3a")
    c.box(0, 690, WIDTH, 722, "#523c50")
    _sitting(c, 350, 700, "#17121c")
    c.box(940, 590, 1060, 692, "#a5563f", 8)
    for number in range(7):
        c.petal(1000, 596, 190, 50, pi * (1.14 + number * 0.12), "#2f5a4a")


def _sitting(c: Canvas, x: float, y: float, colour: str) -> None:
    c.ellipse(x, y - 130, 122, 150, colour)
    c.ellipse(x, y - 50, 150, 76, colour)
    c.circle(x, y - 300, 86, colour)
    c.polygon([(x - 84, y - 320), (x - 76, y - 432), (x - 8, y - 374)], colour)
    c.polygon([(x + 84, y - 320), (x + 76, y - 432), (x + 8, y - 374)], colour)
    c.line(
        [
            (x + 110, y - 40),
            (x + 210, y - 24),
            (x + 236, y + 40),
            (x + 214, y + 110),
            (x + 244, y + 150),
        ],
        colour,
        36,
    )


def cat_asleep(c: Canvas) -> None:
    """Curled up on a cushion."""
    c.gradient("#f4e3d3", "#ecd4c0")
    for x in range(0, WIDTH, 120):
        c.box(x, 0, x + 60, 500, "#f0dac8")
    c.gradient("#c79a78", "#b58462", top=560)
    c.ellipse(600, 730, 490, 120, "#9d6f50")
    c.ellipse(600, 690, 480, 130, "#5b86a8")
    c.ellipse(600, 668, 440, 98, "#7ba4c4")
    c.ellipse(620, 520, 350, 190, "#f0a04e")
    for number, x in enumerate((560, 660, 760, 850)):
        c.arc(x - 100, 560, 150, 230 - number * 14, (275, 325), ("#c9752a", 24))
    c.line([(930, 610), (820, 690), (620, 706), (470, 690)], "#f0a04e", 64)
    c.line([(560, 704), (470, 690)], "#fff3e2", 64)
    _sleeping_head(c, 380, 560)
    for x, y, size in ((520, 270, 26), (600, 200, 36), (700, 118, 48)):
        c.line([(x, y), (x + size, y), (x, y + size), (x + size, y + size)], "#b08a70", size / 5)


def _sleeping_head(c: Canvas, x: float, y: float) -> None:
    for side in (-1, 1):
        c.polygon(
            [(x + side * 132, y - 40), (x + side * 118, y - 176), (x + side * 26, y - 112)],
            "#f0a04e",
        )
        c.polygon(
            [(x + side * 116, y - 64), (x + side * 108, y - 146), (x + side * 50, y - 106)],
            "#f6c3a4",
        )
    c.ellipse(x, y, 148, 124, "#f4a857")
    c.ellipse(x, y + 52, 78, 56, "#fff3e2")
    for dx in (-34, 0, 34):
        c.line([(x + dx, y - 112), (x + dx, y - 76)], "#c9752a", 13)
    for side in (-1, 1):
        c.arc(x + side * 66, y - 10, 32, 24, (20, 160), ("#5a3a24", 8))
        for dy in (40, 60):
            c.line(
                [(x + side * 70, y + dy), (x + side * 176, y + dy + (dy - 50) * 0.9)], "#fffaf2", 3
            )
        c.arc(x + side * 15, y + 50, 16, 15, (0, 180), ("#5a3a24", 5))
    c.polygon([(x - 13, y + 32), (x + 13, y + 32), (x, y + 48)], "#d9747c")


def cat_face(c: Canvas, fur: str, ear: str, eye: str, wall: str) -> None:
    """A cat's face that asks for dinner."""
    c.gradient(wall, "#ffffff")
    s, x, y = c.width / 1200, c.width / 2, c.height * 0.56
    for side in (-1, 1):
        c.polygon(
            [
                (x + side * 330 * s, y - 60 * s),
                (x + side * 300 * s, y - 430 * s),
                (x + side * 60 * s, y - 270 * s),
            ],
            fur,
        )
        c.polygon(
            [
                (x + side * 286 * s, y - 140 * s),
                (x + side * 268 * s, y - 344 * s),
                (x + side * 120 * s, y - 244 * s),
            ],
            ear,
        )
    c.ellipse(x, y, 360 * s, 310 * s, fur)
    c.ellipse(x, y + 130 * s, 170 * s, 120 * s, "#ffffff")
    for side in (-1, 1):
        _eye(c, x + side * 150 * s, y - 40 * s, s, eye)
        for dy in (90, 130, 170):
            c.line(
                [(x + side * 150 * s, y + dy * s), (x + side * 440 * s, y + (dy * 1.5 - 70) * s)],
                "#d8d0c8",
                5 * s,
            )
        c.arc(x + side * 36 * s, y + 126 * s, 37 * s, 34 * s, (0, 180), ("#4a3a3a", 10 * s))
    c.polygon([(x - 34 * s, y + 78 * s), (x + 34 * s, y + 78 * s), (x, y + 122 * s)], "#e58a94")


def _eye(c: Canvas, x: float, y: float, s: float, colour: str) -> None:
    c.circle(x, y, 72 * s, colour)
    c.ellipse(x, y, 34 * s, 62 * s, "#1b1b22")
    c.circle(x + 18 * s, y - 26 * s, 17 * s, "#ffffff")
