"""Searches give exactly what a look at every post gives, on every page and in every order."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.keyset import LAST_ID
from app.core.text import fold
from app.post.repository import PostgresPostSearch, Sought, search
from app.post.repository.search_statements import Place
from app.post.rows import PostFilter
from tests.support.world import World

pytestmark = pytest.mark.anyio

NUMBER = 4_000
DAYS = 600
"""The posts are from this many days: over twenty slices."""

PIECES = [
    *(
        "東京",
        "京都",
        "図書館",
        "で",
        "猫",
        "プログラミング",
        "ﾌﾟﾛｸﾞﾗﾐﾝｸﾞ",
        "カレー",
        "ｶﾚｰ",
        "です",
        "ます",
    ),
    *("々", "時々", "ゞ", "いすゞ", "ゝ", "ー", "ﾞ", "が", "か\u3099"),
    *(
        "%",
        "_",
        "100%",
        "a_b",
        "'",
        "''",
        '"',
        "\\",
        "\\%",
        ":*",
        "&",
        "|",
        "!",
        "<->",
        "(",
        "\x7f",
    ),
    *(
        "😀",
        "👨‍👩‍👧",
        "👍🏽",
        "🇯🇵",
        "❤\ufe0f",
        "𠮷",
        "㍿",
        "Ａｂｃ",
        "ABC",
        "abc",
        "İ",
        "ß",
        "SS",
        "Σ",
        "ς",
    ),
    *(" ", "\u3000", "\u00a0", "\u1680", "\u2028", "\t", "\n"),
]
_ADD = text("""
    WITH made AS (
        INSERT INTO posts (id, lounge_id, author_id, title, body, moderation)
        SELECT uuidv7(days * interval '-1 day'), lounge_id, author_id, title, body, moderation
        FROM unnest(CAST(:days AS float[]), CAST(:lounges AS uuid[]), CAST(:authors AS uuid[]),
                    CAST(:titles AS text[]), CAST(:bodies AS text[]), CAST(:moderations AS text[]))
             AS given (days, lounge_id, author_id, title, body, moderation)
        RETURNING id, lounge_id, author_id, title, body, moderation
    )
    SELECT * FROM made
""")
_INDEX = text("""
    INSERT INTO post_search (post_id, lounge_id, search_text)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:lounges AS uuid[]), CAST(:texts AS text[]))
""")


@dataclass(frozen=True, slots=True)
class Kept:
    id: UUID
    lounge_id: UUID
    author_id: UUID
    text: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was written, the newest first, and who looks at it."""

    viewer_id: UUID
    posts: Sequence[Kept]

    def expected(self, sought: Sought) -> list[UUID]:
        return [post.id for post in self.posts if post.seen and _fits(post, sought)]


def _fits(post: Kept, sought: Sought) -> bool:
    title = post.text.split("\n", 1)[0]
    in_title = all(word in title for word in sought.words)
    return (
        all(word in post.text for word in sought.words)
        and sought.chosen.lounge_id in (None, post.lounge_id)
        and sought.chosen.author_id in (None, post.author_id)
        and (sought.place == Place.ANYWHERE or in_title == (sought.place == Place.TITLE))
    )


def _text(draw: random.Random, length: int) -> str:
    return "".join(draw.choices(PIECES, k=length))


async def fill(world: World, draw: random.Random) -> Shelf:
    viewer, blocked = await world.member(), await world.member()
    authors = [UUID((await world.member()).id) for _ in range(4)] + [UUID(blocked.id)]
    lounges = [UUID((await world.lounge())["id"]) for _ in range(4)]
    await viewer.put(f"/users/{blocked.id}/block")
    given = [
        {
            "days": draw.random() * DAYS,
            "lounges": draw.choices(lounges, [90, 6, 3, 1])[0],
            "authors": draw.choices(authors, [80, 10, 5, 3, 2])[0],
            "titles": _text(draw, 3).replace("\n", "").replace("\u2028", ""),
            "bodies": _text(draw, draw.choice([1, 5, 30])),
            "moderations": draw.choices(["visible", "held", "hidden"], [90, 5, 5])[0],
        }
        for _ in range(NUMBER)
    ]
    columns = {name: [row[name] for row in given] for name in given[0]}
    async with world.runtime.sessions() as session:
        rows = (await session.execute(_ADD, columns)).all()
        texts = [fold(f"{row.title}\n{row.body}") for row in rows]
        await session.execute(
            _INDEX,
            {"ids": [r.id for r in rows], "lounges": [r.lounge_id for r in rows], "texts": texts},
        )
        muted = {row.id for row in draw.sample(rows, 50)}
        await session.execute(
            text(
                "INSERT INTO post_mutes (user_id, post_id) SELECT :me, unnest(CAST(:ids AS uuid[]))"
            ),
            {"me": viewer.id, "ids": list(muted)},
        )
        await session.commit()
    kept = [
        Kept(
            UUID(str(row.id)),
            UUID(str(row.lounge_id)),
            UUID(str(row.author_id)),
            words,
            row.moderation == "visible"
            and row.id not in muted
            and str(row.author_id) != blocked.id,
        )
        for row, words in zip(rows, texts, strict=True)
    ]
    return Shelf(UUID(viewer.id), sorted(kept, key=lambda post: post.id, reverse=True))


def some_words(draw: random.Random, shelf: Shelf) -> tuple[str, ...]:
    """One or two words: pieces of what is there, or what nobody wrote."""
    words: list[str] = []
    while len(words) < draw.choice([1, 1, 2]):
        source = draw.choice(shelf.posts).text if draw.random() < 0.8 else fold(_text(draw, 3))
        begin = draw.randrange(len(source))
        words += source[begin : begin + draw.choice([1, 2, 2, 3, 5, 9])].split()
    return tuple(dict.fromkeys(words))


async def all_pages(
    world: World, sought: Sought, limit: int, clock: Callable[[], float]
) -> tuple[list[UUID], int]:
    """What is found on all pages, and the number of pages that were short before the end."""
    ids: list[UUID] = []
    after_id: UUID | None = LAST_ID
    short = 0
    async with world.runtime.reading() as ctx:
        engine = PostgresPostSearch(ctx.session, clock)
        while after_id is not None:
            found = await engine.page(sought, after_id, limit)
            assert len(found.ids) <= limit
            assert found.next_id is None or found.next_id < after_id
            short += found.next_id is not None and len(found.ids) < limit
            ids += found.ids
            after_id = found.next_id
    return [UUID(str(post_id)) for post_id in ids], short


def no_time() -> Callable[[], float]:
    """A clock that runs so fast that each page has only its first step."""
    ticks = itertools.count()
    return lambda: float(next(ticks))


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_search_finds_what_a_look_at_every_post_finds(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    draw = random.Random(seed)
    shelf = await fill(world, draw)
    # Short steps, so that these posts reach every way that a search can take.
    monkeypatch.setattr(search, "STEP", 150)
    monkeypatch.setattr(search, "STEP_OF_AUTHOR", 100)
    monkeypatch.setattr(search, "LONG_STEP", 300)
    shorts = 0
    for _ in range(60):
        post = draw.choice(shelf.posts)
        sought = Sought(
            shelf.viewer_id,
            some_words(draw, shelf),
            PostFilter(
                draw.choice([None, post.lounge_id]), draw.choice([None, None, post.author_id])
            ),
            draw.choice([Place.ANYWHERE, Place.ANYWHERE, Place.TITLE, Place.NOT_TITLE]),
        )
        clock = draw.choice([monotonic, no_time()])
        found, short = await all_pages(world, sought, draw.choice([3, 20, 100]), clock)
        assert found == shelf.expected(sought), sought
        shorts += short
    assert shorts > 0
