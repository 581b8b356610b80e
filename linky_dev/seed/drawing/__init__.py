"""Draws the pictures of the demo, by name.

Code draws them, so we need no licences and ship no image files.
"""

from collections.abc import Callable
from functools import partial

from linky_dev.seed.drawing import animals, avatars, nature, table, town
from linky_dev.seed.drawing.canvas import HEIGHT, WIDTH, Canvas

_DAWN = ("#3c4f8a", "#b06f9c", "#f7a67e", "#ffe0b0")
_NOON = ("#4f9fe0", "#a8d5f5", "#eaf6fc")

PICTURES: dict[str, Callable[[Canvas], None]] = {
    "dawn": partial(
        nature.mountains,
        sky=_DAWN,
        sun="#fff0c8",
        ridges=("#b98aa8", "#8f6f9e", "#665789", "#41406e", "#252850"),
    ),
    "ridge": partial(
        nature.mountains,
        sky=_NOON,
        sun="#fffbe8",
        ridges=("#a5c9d9", "#7faeb0", "#5c9484", "#3f7761", "#285540"),
    ),
    "sunset": partial(
        nature.sea_sunset,
        sky=("#4a3f7a", "#c4607f", "#ff9a5c", "#ffd58a"),
        sea=("#e8875c", "#8a4f7a", "#2f2f5c"),
    ),
    "calm": partial(
        nature.sea_sunset,
        sky=("#7fb0dd", "#cfe0ee", "#ffe9c9"),
        sea=("#9fc8dd", "#5f9fc4", "#33709c"),
    ),
    "neon": partial(
        town.night_city,
        sky=("#0b1033", "#2a2a66", "#7a4f8f"),
        lights=("#ffd97a", "#ffc25c", "#fff0c0", "#8fd0f5"),
    ),
    "fuji": nature.fuji_lake,
    "stars": nature.starry,
    "cosmos": partial(
        nature.flowers,
        sky=("#7cc0ee", "#d8f0fb"),
        tones=("#f48fb1", "#f8bbd0", "#ffffff", "#d94f8a", "#ec6fa5"),
    ),
    "rape_blossoms": partial(
        nature.flowers,
        sky=("#8fb6e0", "#f3d9d0", "#ffe6b8"),
        tones=("#f7d038", "#fbe36a", "#f2bf1f", "#fff0a0"),
    ),
    "autumn": partial(
        nature.mountains,
        sky=("#6f8fc4", "#e8c9b0", "#ffe3b8"),
        sun="#fff3d0",
        ridges=("#c9a08f", "#d98a5c", "#c4603f", "#8f4038", "#4f2a35"),
    ),
    "twilight": partial(
        nature.sea_sunset,
        sky=("#1f2a5c", "#6a4f96", "#e0809a", "#ffc09a"),
        sea=("#b0708f", "#5a4a86", "#1c2450"),
    ),
    "downtown": partial(
        town.night_city,
        sky=("#12304a", "#2f5f78", "#d98f6a"),
        lights=("#ffe3a0", "#ffcf7a", "#ffffff"),
    ),
    "kinako": partial(
        animals.cat_face, fur="#f0a04e", ear="#f6c3a4", eye="#7fc08a", wall="#dcead8"
    ),
    "hydrangea": nature.hydrangea,
    "tomatoes": nature.tomatoes,
    "torii": town.torii,
    "station": town.sea_station,
    "river": town.river_path,
    "latte": table.latte,
    "cafe": table.cafe_window,
    "ramen": table.ramen,
    "curry": table.curry,
    "pancakes": table.pancakes,
    "bookshelf": table.bookshelf,
    "reading": table.reading,
    "cinema": table.cinema,
    "code": table.code,
    "succulents": table.succulents,
    "cat_window": animals.cat_window,
    "cat_asleep": animals.cat_asleep,
    "cat_black": partial(
        animals.cat_face, fur="#2f2f3a", ear="#6a5560", eye="#f2c94c", wall="#f4d6c4"
    ),
}

AVATARS: dict[str, Callable[[Canvas], None]] = {
    "cat": partial(animals.cat_face, fur="#f0a04e", ear="#f6c3a4", eye="#7fc08a", wall="#cfe6f2"),
    "mandarin": avatars.mandarin,
    "penguin": avatars.penguin,
    "onigiri": avatars.onigiri,
    "sky": avatars.blue_sky,
    "clapper": avatars.clapper,
    "snow": avatars.snow,
    "camera": avatars.camera,
}


def draw(name: str) -> bytes:
    """Draw a picture or an avatar, as a JPEG."""
    is_avatar = name in AVATARS
    size = (avatars.SIDE, avatars.SIDE) if is_avatar else (WIDTH, HEIGHT)
    canvas = Canvas(name, *size)
    (AVATARS if is_avatar else PICTURES)[name](canvas)
    return canvas.jpeg()
