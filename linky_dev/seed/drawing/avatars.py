"""Small square pictures that members show with their names."""

from math import pi

from linky_dev.seed.drawing.canvas import Canvas

SIDE = 400


def mandarin(c: Canvas) -> None:
    c.gradient("#fff1cf", "#ffe0a3")
    c.circle(200, 222, 128, "#f08a1f")
    c.glow(160, 180, 90, "#ffd08a", 0.8)
    c.petal(200, 104, 120, 60, -0.5, "#4f9a45")
    c.petal(200, 104, 80, 44, pi + 0.5, "#6fb35c")
    c.line([(200, 110), (200, 84)], "#7a5a34", 9)
    for x in (160, 240):
        c.circle(x, 226, 9, "#4a2c12")
    c.arc(200, 240, 24, 18, (15, 165), ("#4a2c12", 6))


def penguin(c: Canvas) -> None:
    c.gradient("#bfe4f7", "#eaf7fd")
    c.ellipse(200, 240, 112, 150, "#2f3b57")
    c.ellipse(200, 275, 80, 116, "#ffffff")
    for x in (166, 234):
        c.circle(x, 186, 40, "#ffffff")
        c.circle(x, 186, 11, "#1b2133")
    c.polygon([(178, 206), (222, 206), (200, 238)], "#f5a12d")
    c.box(104, 96, 296, 132, "#e8563f", 16)
    c.box(140, 44, 260, 106, "#e8563f", 30)


def onigiri(c: Canvas) -> None:
    c.gradient("#d8ecd0", "#eef7e6")
    c.line([(200, 118), (100, 288), (300, 288), (200, 118), (150, 200)], "#ffffff", 84)
    c.polygon([(200, 130), (110, 290), (290, 290)], "#ffffff")
    c.box(150, 226, 250, 330, "#24352c", 8)
    for x in (158, 242):
        c.circle(x, 198, 9, "#3a2c2c")
        c.circle(x - 10 if x < 200 else x + 10, 218, 11, "#f8c4c0")
    c.arc(200, 200, 18, 14, (15, 165), ("#3a2c2c", 5))


def blue_sky(c: Canvas) -> None:
    c.gradient("#3f8fdd", "#a9d8f7")
    c.circle(290, 110, 48, "#fff3bf")
    for x, y, r in ((120, 250, 54), (190, 216, 70), (264, 244, 58), (200, 270, 60)):
        c.circle(x, y, r, "#ffffff")


def clapper(c: Canvas) -> None:
    c.gradient("#5b2a4a", "#8a4067")
    c.box(84, 180, 316, 322, "#22202b", 12)
    c.box(84, 128, 316, 172, "#f5f2ea", 8)
    for x in range(96, 300, 62):
        c.polygon([(x, 172), (x + 28, 128), (x + 54, 128), (x + 26, 172)], "#22202b")
    c.polygon([(172, 212), (172, 292), (244, 252)], "#ffcf5c")


def snow(c: Canvas) -> None:
    c.gradient("#7f9fd6", "#cfe0f5")
    for _ in range(46):
        c.circle(
            c.random.uniform(0, SIDE), c.random.uniform(0, SIDE), c.random.uniform(2, 6), "#ffffff"
        )
    c.circle(200, 290, 96, "#ffffff")
    c.circle(200, 168, 70, "#ffffff")
    for x in (176, 224):
        c.circle(x, 156, 8, "#2f3b57")
    c.polygon([(196, 170), (196, 186), (250, 184)], "#f08a32")
    c.line([(140, 226), (200, 240), (262, 226)], "#d8412f", 24)


def camera(c: Canvas) -> None:
    c.gradient("#f2c879", "#f8e3b6")
    c.box(70, 130, 330, 310, "#3b3f4c", 26)
    c.box(140, 100, 230, 150, "#3b3f4c", 12)
    c.box(70, 180, 330, 262, "#a5694a")
    c.circle(200, 222, 78, "#e6e2da")
    c.circle(200, 222, 64, "#22242e")
    c.circle(200, 222, 40, "#41678a")
    c.circle(182, 204, 13, "#cfe6f5")
    c.circle(296, 156, 12, "#e8563f")
