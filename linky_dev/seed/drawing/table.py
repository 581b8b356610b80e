"""Pictures of things on a table: coffee, ramen, curry, pancakes, books, a screen."""

from math import cos, pi, sin

from linky_dev.seed.drawing.canvas import HEIGHT, WIDTH, Canvas


def _wood(c: Canvas, tone: str, seams: str) -> None:
    c.gradient(tone, tone)
    for y in range(0, HEIGHT, 150):
        c.line([(0, y), (WIDTH, y)], seams, 4)
        for _ in range(7):
            x, dy = c.random.uniform(0, WIDTH), c.random.uniform(20, 130)
            c.line([(x, y + dy), (x + c.random.uniform(80, 320), y + dy + 4)], seams, 1.5)


def latte(c: Canvas) -> None:
    """A heart of milk, seen from above."""
    _wood(c, "#b98a5e", "#a5774d")
    c.circle(612, 468, 345, "#8d6440")
    c.circle(600, 450, 340, "#f4efe6")
    c.circle(600, 450, 290, "#e6ded0")
    c.line([(800, 330), (900, 270)], "#ffffff", 54)
    c.circle(600, 450, 232, "#ffffff")
    c.circle(600, 450, 208, "#8a5530")
    c.circle(600, 450, 190, "#a86a3c")
    for size, tone in (
        (1.0, "#f8ecd8"),
        (0.74, "#a86a3c"),
        (0.62, "#f8ecd8"),
        (0.4, "#a86a3c"),
        (0.3, "#f8ecd8"),
    ):
        _heart(c, 600, 462, 132 * size, tone)
    c.line([(170, 640), (330, 800)], "#c8ccd2", 16)
    c.ellipse(150, 620, 44, 36, "#c8ccd2")
    _cookie(c, 1020, 720)


def _heart(c: Canvas, x: float, y: float, size: float, colour: str) -> None:
    points = []
    for step in range(60):
        t = step / 60 * 2 * pi
        across = 16 * sin(t) ** 3
        up = 13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)
        points.append((x + across * size / 16, y - up * size / 16))
    c.polygon(points, colour)


def _cookie(c: Canvas, x: float, y: float) -> None:
    c.circle(x + 6, y + 10, 92, "#8d6440")
    c.circle(x, y, 92, "#dba765")
    for _ in range(13):
        angle, away = c.random.uniform(0, 2 * pi), c.random.uniform(10, 72)
        c.circle(x + away * cos(angle), y + away * sin(angle), c.random.uniform(7, 13), "#6b4326")


def cafe_window(c: Canvas) -> None:
    """A cup by the window, rain or lights behind it."""
    c.gradient("#31435f", "#5f6f8c", "#a48c86")
    for _ in range(46):
        tone = c.random.choice(("#ffd48a", "#ffb27a", "#ffe9bd", "#9fc4e8"))
        c.veil(
            c.random.uniform(0, WIDTH),
            c.random.uniform(60, 560),
            c.random.uniform(18, 66),
            tone,
            0.35,
        )
    for x in (390, 800):
        c.box(x, 0, x + 16, 640, "#4a382e")
    c.gradient("#8a5f3f", "#6b462d", top=640)
    c.ellipse(600, 770, 300, 44, "#553621")
    c.ellipse(600, 752, 280, 48, "#efe7da")
    c.arc(760, 610, 84, 76, (-80, 110), ("#e9e0d2", 30))
    c.polygon([(410, 500), (790, 500), (765, 640), (700, 740), (500, 740), (435, 640)], "#faf5ec")
    c.ellipse(600, 738, 100, 22, "#faf5ec")
    c.ellipse(600, 500, 190, 40, "#ffffff")
    c.ellipse(600, 504, 172, 32, "#6f4324")
    for x, lean in ((520, 20), (600, -24), (680, 18)):
        for step in range(26):
            up = step / 26
            c.glow(x + lean * sin(up * 5), 470 - up * 250, 30 + 22 * up, "#ffffff", 0.16 * (1 - up))


def ramen(c: Canvas) -> None:
    """Soy sauce, with everything."""
    _wood(c, "#4a342a", "#3d2a21")
    c.circle(610, 470, 402, "#2b1c15")
    c.circle(600, 450, 400, "#c8322b")
    c.circle(600, 450, 372, "#fbf4e6")
    c.circle(600, 450, 352, "#c8322b")
    c.circle(600, 450, 338, "#a65f24")
    c.glow(560, 400, 330, "#e0a04a", 0.8)
    _noodles(c)
    _toppings(c)


def _noodles(c: Canvas) -> None:
    for number in range(34):
        x, y = 440 + c.random.uniform(-20, 190), 590 - number * 2.5 + c.random.uniform(-60, 60)
        tone = c.random.choice(("#f3d184", "#f7dd9d", "#e8bf68"))
        c.arc(x, y, c.random.uniform(90, 170), c.random.uniform(40, 110), (150, 400), (tone, 9))


def _toppings(c: Canvas) -> None:
    c.polygon([(720, 70), (900, 150), (850, 350), (690, 290)], "#1f2a22")
    for x, y in ((430, 300), (520, 250)):
        c.circle(x, y, 104, "#a8674a")
        c.circle(x, y, 92, "#d79a78")
        c.arc(x, y, 62, 62, (20, 300), ("#f3d2ba", 13))
        c.arc(x, y, 32, 32, (200, 460), ("#b87352", 9))
    for x, y in ((770, 440), (700, 560)):
        c.ellipse(x, y, 86, 74, "#fffdf5")
        c.circle(x + 4, y + 2, 44, "#f5a12d")
        c.glow(x - 8, y - 10, 34, "#ffd98a", 0.9)
    _naruto(c, 420, 500)
    for _ in range(46):
        _leek(c, c.random.gauss(590, 60), c.random.gauss(410, 46))


def _leek(c: Canvas, x: float, y: float) -> None:
    c.circle(x, y, 13, c.random.choice(("#6fb04a", "#93c96a", "#4f9440")))
    c.circle(x, y, 6, "#e4f0c4")


def _naruto(c: Canvas, x: float, y: float) -> None:
    for number in range(12):
        angle = number * pi / 6
        c.circle(x + 58 * cos(angle), y + 58 * sin(angle), 20, "#ffffff")
    c.circle(x, y, 60, "#ffffff")
    spiral = [
        (x + 2.6 * t * cos(t), y + 2.6 * t * sin(t)) for t in (step / 4 for step in range(60))
    ]
    c.line(spiral, "#f07aa0", 8)


def curry(c: Canvas) -> None:
    """Rice on one side, curry on the other."""
    c.gradient("#5f8f8a", "#5f8f8a")
    for x in range(-900, WIDTH, 90):
        c.line([(x, 0), (x + 900, 900)], "#568580", 12)
    c.ellipse(608, 478, 460, 350, "#44706c")
    c.ellipse(600, 460, 456, 346, "#fbf7ef")
    c.ellipse(600, 460, 390, 286, "#efe8da")
    c.ellipse(690, 470, 280, 238, "#8a4a1d")
    c.glow(700, 430, 240, "#b36a2b", 0.9)
    c.ellipse(428, 455, 178, 208, "#f3eddc")
    for _ in range(330):
        angle, away = c.random.uniform(0, 2 * pi), c.random.random() ** 0.5
        x, y = 410 + 170 * away * cos(angle), 450 + 208 * away * sin(angle)
        c.petal(
            x,
            y,
            24,
            12,
            c.random.uniform(0, pi),
            c.random.choice(("#ffffff", "#faf6ea", "#f3eddc")),
        )
    for x, y, tone in (
        (700, 350, "#f08a32"),
        (830, 430, "#e8bf5c"),
        (690, 540, "#e8bf5c"),
        (800, 570, "#f08a32"),
        (640, 440, "#7a3d22"),
        (750, 470, "#7a3d22"),
    ):
        _chunk(c, x, y, tone)
    for x, y in ((600, 330), (860, 520), (740, 610)):
        c.circle(x, y, 15, "#6fae4d")
    for _ in range(16):
        c.circle(c.random.gauss(300, 22), c.random.gauss(400, 26), 14, "#c92f3d")


def _chunk(c: Canvas, x: float, y: float, tone: str) -> None:
    turn = c.random.uniform(0, pi)
    corners = [(turn + n * pi * 2 / 5, c.random.uniform(38, 52)) for n in range(5)]
    c.polygon([(x + r * cos(a), y + r * sin(a)) for a, r in corners], tone)
    c.glow(x - 10, y - 12, 26, "#fff1d0", 0.4)


def pancakes(c: Canvas) -> None:
    """A tower, with butter on its way down."""
    c.gradient("#fbd9d0", "#fdeee3", bottom=620)
    for _ in range(18):
        c.veil(
            c.random.uniform(0, WIDTH),
            c.random.uniform(0, 560),
            c.random.uniform(40, 110),
            "#ffffff",
            0.35,
        )
    c.gradient("#d9b08c", "#c2946d", top=620)
    c.ellipse(600, 760, 420, 70, "#a97c58")
    c.ellipse(600, 740, 410, 70, "#ffffff")
    for number in range(4):
        _pancake(c, 600 + (-1) ** number * 9, 690 - number * 86)
    _syrup(c)
    c.polygon([(545, 372), (640, 352), (680, 384), (585, 408)], "#fff0a8")
    c.polygon([(545, 372), (585, 408), (585, 440), (545, 402)], "#f2d97a")
    c.polygon([(585, 408), (680, 384), (680, 416), (585, 440)], "#f7e390")
    for x, y in ((330, 716), (286, 744), (880, 730)):
        _berry(c, x, y)


def _pancake(c: Canvas, x: float, y: float) -> None:
    c.box(x - 270, y - 44, x + 270, y + 44, "#f6d596", 44)
    c.box(x - 270, y + 4, x + 270, y + 46, "#cf8a45", 22)
    c.ellipse(x, y - 38, 262, 44, "#c9803c")
    c.ellipse(x, y - 42, 250, 36, "#d9924c")


def _syrup(c: Canvas) -> None:
    c.ellipse(600, 392, 190, 30, "#8f4a17")
    for x, end in ((440, 520), (500, 600), (700, 570), (755, 480), (620, 470)):
        c.line([(x, 400), (x, end)], "#8f4a17", 26)
    c.ellipse(560, 386, 90, 10, "#b5702f")


def _berry(c: Canvas, x: float, y: float) -> None:
    c.petal(x, y - 34, 84, 82, pi / 2, "#e0323f")
    for dx, dy in ((-14, -8), (12, -10), (0, 10), (-8, 26), (14, 16)):
        c.circle(x + dx, y + dy, 2.6, "#ffd98a")
    for number in range(5):
        c.petal(x, y - 32, 26, 13, pi * (0.05 + number * 0.225), "#4f9a45")


def bookshelf(c: Canvas) -> None:
    """A bookshelf."""
    c.gradient("#5d4030", "#4c3326")
    for shelf in range(3):
        top, floor = 24 + shelf * 292, 284 + shelf * 292
        c.box(30, top, WIDTH - 30, floor, "#3a261b")
        _spines(c, floor)
        c.box(0, floor, WIDTH, floor + 32, "#8a6245")


def _spines(c: Canvas, floor: float) -> None:
    x = 44.0
    while x < WIDTH - 110:
        if c.random.random() < 0.08:
            x += c.random.uniform(40, 90)
        width, height = c.random.uniform(24, 62), c.random.uniform(170, 240)
        tone = c.random.choice(
            (
                "#c8553d",
                "#e0a458",
                "#3d6a8a",
                "#5b8e7d",
                "#f2e3c6",
                "#7a4f74",
                "#2f4858",
                "#d98f8f",
                "#8fa876",
            )
        )
        c.box(x, floor - height, x + width, floor, tone, 3)
        c.box(x, floor - height + 26, x + width, floor - height + 34, "#f7efd9")
        c.box(x + width * 0.36, floor - height + 54, x + width * 0.64, floor - 62, "#f7efd9", 4)
        x += width + 2


def reading(c: Canvas) -> None:
    """An open book and a mug of tea."""
    _wood(c, "#d9c3a3", "#c9b08c")
    c.polygon([(222, 250), (608, 286), (990, 236), (1008, 742), (608, 796), (206, 756)], "#b89a72")
    c.polygon([(230, 240), (600, 270), (600, 770), (212, 738)], "#fffaf0")
    c.polygon([(600, 270), (974, 226), (992, 722), (600, 770)], "#f8f0df")
    c.line([(600, 270), (600, 770)], "#d8c6a2", 5)
    for number in range(12):
        for left in (258, 646):
            x = left + number * 25
            lean = (0.08 if left < 600 else -0.115) * (x - 600) + 300
            c.line([(x, lean), (x, lean + c.random.choice((390, 390, 390, 240)))], "#b9ac98", 5)
    c.polygon([(560, 268), (586, 270), (586, 850), (573, 826), (560, 850)], "#c8453d")
    c.circle(1062, 152, 136, "#b89a72")
    c.circle(1056, 140, 132, "#41678a")
    c.circle(1056, 140, 108, "#b5652f")
    c.glow(1030, 112, 84, "#e29a5a", 0.8)


def cinema(c: Canvas) -> None:
    """The lights go out."""
    c.gradient("#140d18", "#251626", "#140d18")
    c.glow(600, 330, 590, "#7f9ac8", 0.5)
    c.box(170, 90, 1030, 520, "#0c0810", 6)
    c.box(184, 104, 1016, 506, "#f4a56a")
    c.polygon(
        [(184, 330), (420, 230), (620, 350), (820, 200), (1016, 340), (1016, 506), (184, 506)],
        "#8a4f6d",
    )
    c.polygon([(184, 430), (380, 360), (660, 450), (1016, 390), (1016, 506), (184, 506)], "#53345a")
    c.circle(560, 200, 44, "#fff0c8")
    for x0, x1 in ((0, 150), (1050, WIDTH)):
        for number in range(5):
            width = (x1 - x0) / 5
            c.box(x0 + number * width, 0, x0 + (number + 0.7) * width, 640, "#7a1f2b", 10)
    for row, (y, size, tone) in enumerate(
        ((620, 74, "#4a1a28"), (720, 96, "#371320"), (850, 124, "#240c16"))
    ):
        for number in range(-1, 16):
            x = number * size * 1.3 + row * 30
            c.box(x, y, x + size * 1.14, y + 260, tone, size * 0.3)
    for x, y in ((480, 704), (590, 706), (905, 826)):
        c.circle(x, y, 44, "#120710")
        c.box(x - 62, y + 34, x + 62, y + 200, "#120710", 40)


def code(c: Canvas) -> None:
    """An editor late at night."""
    c.gradient("#20243a", "#2b3050", "#3a3550")
    c.glow(600, 430, 600, "#5b6fb8", 0.4)
    c.box(120, 70, 1080, 700, "#0f111a", 22)
    c.box(142, 92, 1058, 678, "#1b1e2e", 10)
    for x, tone in ((170, "#ff6159"), (200, "#ffbf2f"), (230, "#2ace42")):
        c.circle(x, 118, 9, tone)
    for row in range(17):
        _code_line(c, 160 + row * 30, _INDENTS[row])
    c.polygon([(520, 700), (680, 700), (705, 800), (495, 800)], "#14161f")
    c.gradient("#6d4c3a", "#573a2b", top=800)
    c.box(350, 826, 850, 876, "#d9dbe3", 12)
    c.box(950, 730, 1050, 850, "#e8563f", 12)
    c.arc(1052, 786, 34, 34, (-90, 90), ("#e8563f", 14))


_INDENTS = (0, 0, 1, 1, 2, 2, 3, 2, 1, 0, 0, 0, 1, 1, 2, 1, 0)


def _code_line(c: Canvas, y: float, indent: int) -> None:
    c.box(166, y, 184, y + 10, "#3a4060", 4)
    x = 210 + indent * 44.0
    for _ in range(c.random.randint(1, 5)):
        width = c.random.uniform(36, 150)
        c.box(
            x,
            y,
            x + width,
            y + 13,
            c.random.choice(("#82aaff", "#c792ea", "#c3e88d", "#f78c6c", "#89ddff", "#a6accd")),
            6,
        )
        x += width + 16


def succulents(c: Canvas) -> None:
    """Small pots on a sunny shelf."""
    c.gradient("#f6efe2", "#efe3d0")
    c.glow(230, 160, 520, "#ffffff", 0.9)
    c.box(0, 690, WIDTH, 730, "#b98d63")
    c.gradient("#d8c3a5", "#cdb592", top=730)
    for x, pot, leaf in (
        (240, "#d9734e", ("#7fb08a", "#a5cfa6", "#cfe6c4")),
        (600, "#f2f0ea", ("#8a7fb4", "#b3a3d6", "#ddcdf0")),
        (960, "#3f7f8a", ("#5f9f6a", "#8cc47f", "#c2e0a2")),
    ):
        c.polygon([(x - 128, 500), (x + 128, 500), (x + 96, 690), (x - 96, 690)], pot)
        c.box(x - 142, 470, x + 142, 516, pot, 8)
        _rosette(c, x, 400, leaf)


def _rosette(c: Canvas, x: float, y: float, tones: tuple[str, ...]) -> None:
    for ring, (count, reach) in enumerate(((13, 150), (10, 112), (8, 76), (5, 42))):
        tone = tones[min(ring, 2)]
        for number in range(count):
            angle = number * 2 * pi / count + ring * 0.4
            c.petal(x, y, reach, reach * 0.5, angle, "#5b7d62" if ring == 0 else tones[0])
            c.petal(x, y, reach * 0.94, reach * 0.42, angle, tone)
