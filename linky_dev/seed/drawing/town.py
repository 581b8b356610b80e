"""In town and on the way: windows at night, a station, a river path, a gate in the water."""

from linky_dev.seed.drawing.canvas import HEIGHT, WIDTH, Canvas
from linky_dev.seed.drawing.nature import cloud, ridge, ripple


def night_city(c: Canvas, sky: tuple[str, ...], lights: tuple[str, ...]) -> None:
    """A city at night, with some windows still lit."""
    c.gradient(*sky)
    c.glow(940, 190, 230, "#fff6cf", 0.5)
    c.circle(940, 190, 62, "#fff6d8")
    for _ in range(90):
        c.circle(c.random.uniform(0, WIDTH), c.random.uniform(0, 400), 1.3, "#ffffff")
    _towers(c, 330, "#2b3566", ())
    _towers(c, 470, "#141b3d", lights)


def _towers(c: Canvas, top: float, wall: str, lights: tuple[str, ...]) -> None:
    x = -20.0
    while x < WIDTH:
        width, y = c.random.uniform(80, 170), top + c.random.uniform(0, 230)
        c.box(x, y, x + width, HEIGHT, wall)
        if lights:
            _windows(c, x, y, width, lights)
        x += width + c.random.uniform(0, 14)


def _windows(c: Canvas, x: float, y: float, width: float, lights: tuple[str, ...]) -> None:
    columns = int((width - 14) // 22)
    left = x + (width - columns * 22 + 10) / 2
    for row in range(int((HEIGHT - y) // 32)):
        for column in range(columns):
            lit = c.random.random() < 0.42
            wx, wy = left + column * 22, y + 18 + row * 32
            c.box(wx, wy, wx + 12, wy + 18, c.random.choice(lights) if lit else "#232c58")


def torii(c: Canvas) -> None:
    """A red gate in the sea at dusk."""
    c.gradient("#5b6fb5", "#c48fb8", "#ffc39a", bottom=600)
    c.glow(330, 560, 380, "#ffe9c0", 0.8)
    ridge(c, 640, 150, "#7a6a9c")
    ridge(c, 640, 80, "#5f5587")
    _gate(c, 680, 600)
    c.mirror(600, "#5b5a94", 0.3)
    for _ in range(70):
        tone = c.random.choice(("#f2b7a0", "#8a7fb4"))
        ripple(c, c.random.uniform(612, 895), (20, 110), tone)


def _gate(c: Canvas, x: float, foot: float) -> None:
    for side in (-1, 1):
        c.polygon(
            [
                (x + side * 128, foot),
                (x + side * 160, foot),
                (x + side * 134, foot - 310),
                (x + side * 110, foot - 310),
            ],
            "#d8412f",
        )
    c.box(x - 185, foot - 245, x + 185, foot - 218, "#c93527")
    c.box(x - 13, foot - 310, x + 13, foot - 240, "#c93527")
    c.polygon(
        [
            (x - 240, foot - 362),
            (x, foot - 340),
            (x + 240, foot - 362),
            (x + 220, foot - 304),
            (x - 220, foot - 304),
        ],
        "#e04a36",
    )
    c.polygon(
        [
            (x - 254, foot - 388),
            (x, foot - 362),
            (x + 254, foot - 388),
            (x + 244, foot - 354),
            (x, foot - 334),
            (x - 244, foot - 354),
        ],
        "#3d2b3a",
    )


def sea_station(c: Canvas) -> None:
    """An empty platform by the sea."""
    c.gradient("#5aa9e6", "#bfe4fa", bottom=430)
    for x, y, size in ((300, 130, 56), (700, 90, 40), (1010, 200, 58)):
        cloud(c, x, y, size, "#ffffff")
    c.gradient("#2f86c4", "#58b3da", "#8fd3e3", top=430, bottom=640)
    for _ in range(60):
        ripple(c, c.random.uniform(440, 620), (14, 60), "#b9e6f5")
    c.polygon([(0, 640), (WIDTH, 640), (WIDTH, HEIGHT), (0, HEIGHT)], "#c9c4b8")
    c.box(0, 640, WIDTH, 668, "#e3dfd4")
    for x in range(0, WIDTH, 46):
        c.box(x, 690, x + 40, 716, "#f0c531", 3)
    _shelter(c)


def _shelter(c: Canvas) -> None:
    for x in (180, 560):
        c.box(x, 250, x + 20, 800, "#8a6f56")
    c.polygon([(110, 260), (170, 196), (600, 196), (660, 260)], "#6d4f3c")
    c.box(230, 690, 520, 712, "#a9835f", 4)
    c.box(230, 626, 520, 646, "#a9835f", 4)
    for x in (255, 480):
        c.box(x, 626, x + 14, 790, "#7b5e45")
    c.box(860, 470, 872, 800, "#7a7f86")
    c.box(1020, 470, 1032, 800, "#7a7f86")
    c.box(820, 430, 1072, 540, "#ffffff", 6)
    c.box(820, 506, 1072, 524, "#3f8f5f")
    c.box(880, 456, 1012, 486, "#39424e", 4)


def river_path(c: Canvas) -> None:
    """The way by the river on an early morning."""
    c.gradient("#f7b58a", "#fde3c0", "#dff1f7", bottom=430)
    c.glow(860, 360, 330, "#fff3cf", 0.9)
    c.circle(860, 350, 46, "#fffbe8")
    x = -10.0
    while x < WIDTH:
        width = c.random.uniform(46, 110)
        c.box(
            x,
            430 - c.random.uniform(20, 120),
            x + width,
            440,
            c.random.choice(("#b9a9b8", "#a89bb0")),
        )
        x += width
    c.gradient("#8ccb74", "#4f9a52", top=430)
    c.polygon([(690, 436), (1230, 436), (1230, 760), (1010, 600)], "#9fd0e6")
    c.polygon([(500, 436), (528, 436), (820, HEIGHT), (120, HEIGHT)], "#d9b48f")
    for near in (0.0, 0.14, 0.34, 0.62, 1.0):
        y = 445 + 455 * near
        c.box(511 - 34 * near, y, 517 - 20 * near, y + 4 + 44 * near, "#fff6e6")
    for x, y, size in ((395, 450, 30), (330, 480, 48), (225, 535, 78), (60, 620, 130)):
        _tree(c, x, y, size)
    _runner(c, 590, 700)


def _tree(c: Canvas, x: float, y: float, size: float) -> None:
    c.box(x - size * 0.12, y - size * 0.2, x + size * 0.12, y + size, "#7a5a40")
    for dx, dy, tone in ((-0.45, -0.5, "#4f9150"), (0.45, -0.55, "#5aa35a"), (0, -1.0, "#69b368")):
        c.circle(x + dx * size, y + dy * size, size * 0.72, tone)


def _runner(c: Canvas, x: float, y: float) -> None:
    c.ellipse(x, y + 112, 60, 10, "#b18e6c")
    c.line([(x - 4, y + 6), (x + 34, y + 48), (x + 14, y + 104)], "#2f3b57", 19)
    c.line([(x - 6, y + 6), (x - 26, y + 54), (x - 74, y + 66)], "#3b4968", 19)
    c.line([(x + 12, y - 74), (x - 4, y)], "#e8563f", 40)
    c.line([(x + 12, y - 76), (x + 48, y - 42), (x + 74, y - 66)], "#f0b48c", 13)
    c.line([(x + 4, y - 74), (x - 38, y - 50), (x - 30, y - 16)], "#f0b48c", 13)
    c.circle(x + 22, y - 122, 25, "#f0b48c")
    c.polygon([(x - 6, y - 126), (x + 6, y - 150), (x + 36, y - 148), (x + 58, y - 130)], "#2f6fb5")
    c.line([(x + 12, y + 106), (x + 40, y + 104)], "#ffffff", 13)
    c.line([(x - 74, y + 58), (x - 84, y + 82)], "#ffffff", 13)
