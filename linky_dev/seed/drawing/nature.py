"""Out of doors: mountains, the sea, stars, flowers."""

from math import cos, pi, sin

from linky_dev.seed.drawing.canvas import HEIGHT, WIDTH, Canvas

_WAVES = ((1.1, 0.28), (2.7, 0.14), (6.3, 0.05), (14.0, 0.025))


def ridge(c: Canvas, base: float, height: float, colour: str) -> None:
    """A mountain range from edge to edge."""
    phases = [c.random.uniform(0, 2 * pi) for _ in _WAVES]

    def top(x: float) -> float:
        waves = zip(_WAVES, phases, strict=True)
        return 0.5 + sum(high * sin(2 * pi * n * x / WIDTH + p) for (n, high), p in waves)

    points = [(float(x), base - height * top(x)) for x in range(0, WIDTH + 1, 6)]
    c.polygon([(0, HEIGHT), *points, (WIDTH, HEIGHT)], colour)


def mountains(c: Canvas, sky: tuple[str, ...], sun: str, ridges: tuple[str, ...]) -> None:
    """Range behind range, paler with the distance."""
    c.gradient(*sky, bottom=700)
    x, y = c.random.uniform(350, 850), 300
    c.glow(x, y, 420, sun, 0.75)
    c.circle(x, y, 58, sun)
    for number, colour in enumerate(ridges):
        ridge(c, 480 + number * 95, 260 - number * 18, colour)


def cloud(c: Canvas, x: float, y: float, size: float, colour: str) -> None:
    for dx, dy, r in ((-1.1, 0.12, 0.5), (-0.45, -0.2, 0.7), (0.3, -0.1, 0.62), (0.95, 0.15, 0.45)):
        c.circle(x + dx * size, y + dy * size, r * size, colour)
    c.box(x - 1.5 * size, y + 0.1 * size, x + 1.35 * size, y + 0.62 * size, colour, 0.25 * size)


def fuji_lake(c: Canvas) -> None:
    """Mount Fuji, twice: above a lake and in it."""
    c.gradient("#6fa8dc", "#b9d9f2", "#fbe3d2", bottom=560)
    for x, y, size in ((220, 190, 46), (980, 150, 60), (860, 270, 30)):
        cloud(c, x, y, size, "#ffffff")
    c.polygon(
        [
            (120, 560),
            (300, 480),
            (470, 330),
            (560, 205),
            (640, 205),
            (730, 330),
            (900, 480),
            (1080, 560),
        ],
        "#5a74a8",
    )
    c.polygon(
        [
            (470, 330),
            (560, 205),
            (640, 205),
            (730, 330),
            (690, 312),
            (655, 356),
            (610, 308),
            (570, 352),
            (525, 306),
        ],
        "#ffffff",
    )
    _shore(c, 560)
    c.mirror(560, "#4f7fb5", 0.35)
    for _ in range(46):
        ripple(c, c.random.uniform(585, 890), (30, 130), "#9cc3e6")


def ripple(c: Canvas, y: float, length: tuple[float, float], colour: str) -> None:
    """A stroke of light somewhere along a line of the water."""
    x = c.random.uniform(0, WIDTH)
    c.line([(x, y), (x + c.random.uniform(*length), y)], colour, 1.6)


def _shore(c: Canvas, y: float) -> None:
    for x in range(-20, WIDTH + 20, 26):
        c.circle(x, y, c.random.uniform(12, 34), c.random.choice(("#2f5d50", "#386b58", "#27503f")))


def sea_sunset(c: Canvas, sky: tuple[str, ...], sea: tuple[str, ...]) -> None:
    """The sun goes down into the sea and leaves a road of light."""
    c.gradient(*sky, bottom=520)
    c.glow(600, 500, 520, "#fff0c2", 0.8)
    c.circle(600, 470, 86, "#fff6d8")
    c.gradient(*sea, top=520)
    for _ in range(230):
        depth = c.random.random() ** 1.6
        y, spread = 524 + depth * 370, 60 + depth * 260
        x, half = c.random.gauss(600, spread * 0.45), c.random.uniform(6, 26) * (0.4 + depth)
        c.line(
            [(x - half, y), (x + half, y)],
            c.random.choice(("#ffe2a8", "#ffd08a", "#fff1cf")),
            1 + 3 * depth,
        )
    for x, y in ((270, 190), (330, 160), (905, 230)):
        c.arc(x - 16, y, 17, 10, (180, 350), ("#5b4a6b", 3.5))
        c.arc(x + 16, y, 17, 10, (190, 360), ("#5b4a6b", 3.5))


def starry(c: Canvas) -> None:
    """The Milky Way above a tent."""
    c.gradient("#070b24", "#131c4a", "#2b3f7a", "#5b6aa3")
    for _ in range(90):
        along = c.random.random()
        x, y = 150 + along * 1000 + c.random.gauss(0, 60), 760 - along * 800 + c.random.gauss(0, 50)
        c.glow(
            x,
            y,
            c.random.uniform(50, 130),
            c.random.choice(("#7c86c9", "#8d7fc0", "#6a8ed0")),
            0.13,
        )
    for _ in range(620):
        x, y = c.random.uniform(0, WIDTH), c.random.uniform(0, 720)
        c.circle(
            x,
            y,
            c.random.choice((0.8, 1, 1.2, 1.6, 2.4)),
            c.random.choice(("#ffffff", "#dfe6ff", "#fff3d6")),
        )
    ridge(c, 800, 180, "#141b3c")
    ridge(c, 860, 110, "#0b1028")
    _tent(c, 780, 800)


def _tent(c: Canvas, x: float, y: float) -> None:
    c.glow(x, y - 40, 210, "#ffb45e", 0.55)
    c.polygon([(x - 120, y + 30), (x, y - 100), (x + 120, y + 30)], "#f2933c")
    c.polygon([(x - 34, y + 30), (x, y - 100), (x + 34, y + 30)], "#ffd58f")
    c.line([(x, y - 100), (x, y + 30)], "#c96f22", 3)


def flowers(c: Canvas, sky: tuple[str, ...], tones: tuple[str, ...]) -> None:
    """A field of flowers up to the hills."""
    c.gradient(*sky, bottom=500)
    for x, y, size in ((250, 140, 62), (820, 190, 48), (1080, 90, 40)):
        cloud(c, x, y, size, "#ffffff")
    ridge(c, 520, 150, "#8fc39a")
    c.gradient("#8ccf6e", "#3f9050", top=480)
    places = sorted(
        (c.random.random() ** 0.8, c.random.uniform(-30, WIDTH + 30)) for _ in range(150)
    )
    for near, along in places:
        _flower(c, along, 490 + near * 400, 7 + near * 40, c.random.choice(tones))


def _flower(c: Canvas, x: float, y: float, size: float, colour: str) -> None:
    c.line([(x, y), (x + size * 0.3, y + size * 3)], "#3f8a45", max(1.5, size * 0.09))
    start = c.random.uniform(0, pi)
    for number in range(8):
        c.petal(x, y, size, size * 0.62, start + number * pi / 4, colour)
    c.circle(x, y, size * 0.24, "#f9c846")


def hydrangea(c: Canvas) -> None:
    """Blue and violet balls after the rain."""
    c.gradient("#1f4a3a", "#2f6b4c", "#1d4636")
    for _ in range(70):
        x, y = c.random.uniform(0, WIDTH), c.random.uniform(0, HEIGHT)
        c.petal(
            x,
            y,
            190,
            100,
            c.random.uniform(0, 2 * pi),
            c.random.choice(("#2f7a4f", "#3b8d5c", "#276943")),
        )
    for x, y, r, tones in _BALLS:
        _ball(c, x, y, r, tones)


_BLUE, _VIOLET, _PINK = (
    ("#5b7fd6", "#7fa2ea", "#a5c0f5"),
    ("#8464c4", "#a689dd", "#c9b3f0"),
    ("#c76aa8", "#e094c4", "#f4bedd"),
)
_BALLS = (
    (930, 190, 150, _PINK),
    (250, 220, 165, _VIOLET),
    (600, 400, 200, _BLUE),
    (960, 640, 190, _VIOLET),
    (260, 690, 185, _BLUE),
)


def _ball(c: Canvas, x: float, y: float, r: float, tones: tuple[str, ...]) -> None:
    c.circle(x, y, r * 0.95, tones[0])
    for _ in range(110):
        angle, away = c.random.uniform(0, 2 * pi), r * c.random.random() ** 0.5
        fx, fy = x + away * cos(angle), y + away * sin(angle)
        colour, start = c.random.choice(tones), c.random.uniform(0, pi)
        for number in range(4):
            c.petal(fx, fy, 30, 26, start + number * pi / 2, colour)
        c.circle(fx, fy, 4, "#eef2d0")


def tomatoes(c: Canvas) -> None:
    """Ripe on the balcony."""
    c.gradient("#cfe8b4", "#8cc084", "#5c9a68")
    for _ in range(26):
        c.veil(
            c.random.uniform(0, WIDTH),
            c.random.uniform(0, HEIGHT),
            c.random.uniform(30, 90),
            "#eef8d8",
            0.22,
        )
    c.line([(560, -10), (590, 250), (570, 520), (600, 910)], "#4c7f3a", 20)
    for x, y, angle in (
        (585, 180, 0.3),
        (590, 250, 2.7),
        (570, 470, 0.5),
        (575, 640, 2.9),
        (590, 720, 0.2),
    ):
        for bend in (-0.45, 0, 0.45):
            c.petal(x, y, 250, 96, angle + bend, c.random.choice(("#3f8a45", "#4f9c50", "#357a3d")))
    for x, y, r, colour in (
        (450, 350, 92, "#e23b2e"),
        (700, 390, 84, "#ea4a37"),
        (480, 560, 78, "#f0803c"),
        (705, 590, 96, "#dd3226"),
        (560, 760, 66, "#a8c14a"),
    ):
        _tomato(c, x, y, r, colour)


def _tomato(c: Canvas, x: float, y: float, r: float, colour: str) -> None:
    c.line([(x, y - r), (575, y - r * 1.5)], "#4c7f3a", 8)
    c.circle(x, y, r, colour)
    c.glow(x - r * 0.35, y - r * 0.35, r * 0.55, "#ffffff", 0.6)
    for number in range(5):
        c.petal(x, y - r * 0.86, r * 0.6, r * 0.24, pi * (0.02 + 0.24 * number), "#3c7a36")
