"""Searches give exactly what a look at every post gives, on every page and in every order."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.keyset import FIRST_ID, CursorSigner, PageRequest
from app.core.text import fold
from app.post.enums import PostSort
from app.post.repository import search
from app.post.repository.slices import pairs_of, slice_query
from app.post.rows import PostFilter
from app.post.service import searching
from app.post.service.searching import PostSearchService
from app.user.enums import Role
from app.user.policy import Viewer
from tests.support.beside import beside
from tests.support.world import World

NUMBER = 3_000
ADDED_AT_ONCE = 1_000
SEARCHES = 60
DAYS = 600
"""The posts are from this many days: over twenty slices."""

MOST_SEEN = 200
"""Of each search so many are compared, and what is left out before them."""

PIECES = [
    *("東京", "京都", "図書館", "で", "猫", "プログラミング", "ﾌﾟﾛｸﾞﾗﾐﾝｸﾞ", "カレー", "ｶﾚｰ", "です"),
    *("ます", "々", "時々", "ゞ", "いすゞ", "ゝ", "ー", "ﾞ", "が", "か\u3099"),
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
    *("😀", "👨‍👩‍👧", "👍🏽", "🇯🇵", "❤\ufe0f", "𠮷", "㍿"),
    *("Ａｂｃ", "ABC", "abc", "İ", "ß", "SS", "Σ", "ς"),
    *("。", "、", "！", "？", "「", "」", "・", "♪", "…", "。。", "・%"),
    *(" ", "\u3000", "\u00a0", "\u1680", "\u2028", "\t", "\n"),
]
_ADD = text("""
    WITH made AS (
        INSERT INTO posts (id, lounge_id, author_id, title, body, moderation, deleted_at)
        SELECT uuidv7(days * interval '-1 day'), lounge_id, author_id, title, body, moderation,
               CASE WHEN title = '' THEN now() END
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
_MISSED = text("""
    SELECT given.*
    FROM unnest(CAST(:texts AS text[]), CAST(:queries AS text[])) AS given (words, query)
    WHERE NOT linky_post_lexemes(CAST(:no_id AS uuid), CAST(:no_id AS uuid), words)
              @@ CAST(query AS tsquery)
""").bindparams(no_id=FIRST_ID)
_MUTE = text("INSERT INTO post_mutes (user_id, post_id) SELECT :me, unnest(CAST(:posts AS uuid[]))")


@dataclass(frozen=True, slots=True)
class Kept:
    """A post of which the viewer may see everything."""

    id: UUID
    lounge_id: UUID
    author_id: UUID
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchTerms:
    query: str
    chosen: PostFilter
    sort: PostSort


class _Added(NamedTuple):
    id: UUID
    lounge_id: UUID
    author_id: UUID
    title: str
    body: str
    moderation: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Who searches, and what they may see, the newest first."""

    viewer: Viewer
    posts: Sequence[Kept]

    def expected(self, sought: SearchTerms) -> list[UUID]:
        words = fold(sought.query).split()
        found = [
            post
            for post in self.posts
            if sought.chosen.lounge_id in (None, post.lounge_id)
            and sought.chosen.author_id in (None, post.author_id)
            and all(word in post.text for word in words)
        ]
        if sought.sort == PostSort.RELEVANCE:
            found.sort(key=lambda post: not all(word in post.title for word in words))
            found = found[: searching.MOST_RELEVANT]
        return [post.id for post in found]


def _text(draw: random.Random, length: int) -> str:
    return "".join(draw.choices(PIECES, k=length))


async def fill(world: World, draw: random.Random) -> Shelf:
    """Write posts, some of them held, hidden, deleted, muted, or by a blocked author."""
    viewer, blocked = await world.member(), await world.member()
    me = UUID(viewer.id)
    authors = [UUID((await world.member()).id) for _ in range(4)] + [UUID(blocked.id), me]
    lounges = [UUID((await world.lounge())["id"]) for _ in range(4)]
    await viewer.put(f"/users/{blocked.id}/block")
    given: dict[str, list[Any]] = {
        "days": [draw.random() * DAYS for _ in range(NUMBER)],
        "lounges": draw.choices(lounges, [90, 6, 3, 1], k=NUMBER),
        "authors": draw.choices(authors, [80, 10, 5, 3, 2, 2], k=NUMBER),
        "titles": [
            _text(draw, draw.choice([1, 2, 3])).replace("\n", "").replace("\u2028", "")
            for _ in range(NUMBER)
        ],
        "bodies": [_text(draw, draw.choice([1, 5, 20])) for _ in range(NUMBER)],
        "moderations": draw.choices(["visible", "held", "hidden"], [90, 5, 5], k=NUMBER),
    }
    async with beside(world.runtime) as db:
        rows: list[Any] = []
        for some in batched(range(NUMBER), ADDED_AT_ONCE, strict=False):
            part = {name: [values[n] for n in some] for name, values in given.items()}
            rows += [_Added(*row) for row in await db.all(_ADD, **part)]
        present = [row for row in rows if row.title]
        texts = [fold(f"{row.title}\n{row.body}") for row in present]
        columns = {"ids": [row.id for row in present], "lounges": [r.lounge_id for r in present]}
        await db.execute(_INDEX, **{**columns, "texts": texts})
        muted = {row.id for row in draw.sample(rows, NUMBER // 50)}
        await db.execute(_MUTE, me=me, posts=list(muted))
        await db.execute(text("ANALYZE posts, post_search, post_mutes"))
    kept = [
        Kept(row.id, row.lounge_id, row.author_id, words.split("\n", 1)[0], words)
        for row, words in zip(present, texts, strict=True)
        if row.moderation == "visible" or (row.moderation == "held" and row.author_id == me)
        if row.id not in muted or row.author_id == me
        if str(row.author_id) != blocked.id
    ]
    seen = sorted(kept, key=lambda post: post.id, reverse=True)
    return Shelf(Viewer(me, me, Role.USER), seen)


def some_query(draw: random.Random, shelf: Shelf) -> str:
    """One or two words: pieces of what is there, or what is in no post."""
    words: list[str] = []
    while len(words) < draw.choice([1, 1, 2]):
        source = draw.choice(shelf.posts).text if draw.random() < 0.7 else _text(draw, 3)
        begin = draw.randrange(len(source))
        piece = source[begin : begin + draw.choice([1, 2, 2, 3, 5, 9])]
        words += [word for word in piece.split() if fold(word).strip()]
    return draw.choice([" ", "\u3000"]).join(words)


async def some_pages(
    world: World, shelf: Shelf, sought: SearchTerms, limit: int
) -> tuple[list[UUID], int]:
    """What is found on the first pages, and how many of them were short before the end."""
    ids: list[UUID] = []
    short, cursor = 0, None
    while len(ids) < MOST_SEEN:
        page = PageRequest(limit, cursor, CursorSigner(b"search", world.runtime.settings))
        async with world.runtime.reading() as ctx:
            service = ctx.service(PostSearchService)
            found = await service.list_page(
                shelf.viewer, page, sought.chosen, sought.query, sought.sort
            )
        ids += [post.id for post in found.items]
        assert len(found.items) <= limit
        cursor = found.next_cursor
        if cursor is None:
            break
        short += len(found.items) < limit
    return ids, short


async def test_a_search_finds_what_a_look_at_every_post_finds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(12)
    shelf = await fill(world, draw)
    # Short steps, so that these posts reach every way that a search can take.
    monkeypatch.setattr(search, "STEP", 120)
    monkeypatch.setattr(search, "STEP_OF_AUTHOR", 90)
    monkeypatch.setattr(search, "LONG_STEP", 600)
    shorts = 0
    for _ in range(SEARCHES):
        post = draw.choice(shelf.posts)
        lounge_id, author_id = (
            draw.choice([None, post.lounge_id]),
            draw.choice([None, None, post.author_id]),
        )
        sought = SearchTerms(
            some_query(draw, shelf),
            PostFilter(lounge_id, author_id),
            draw.choice([PostSort.NEW, PostSort.NEW, PostSort.RELEVANCE]),
        )
        # Without time each page has only its first step.
        monkeypatch.setattr(search, "BUDGET_SECONDS", draw.choice([0, 60]))
        found, short = await some_pages(world, shelf, sought, draw.choice([7, 20, 100]))
        expected = shelf.expected(sought)
        wanted = expected if len(found) < MOST_SEEN else expected[: len(found)]
        assert [str(post_id) for post_id in found] == [str(post_id) for post_id in wanted], sought
        shorts += short
    assert shorts > 0


async def test_the_index_has_what_is_asked_for_each_part_of_a_text(world: World) -> None:
    draw = random.Random(3)
    texts = [fold(f"猫{_text(draw, 3)}\n{_text(draw, 9)}") for _ in range(2_000)]
    parts = [some_part(draw, source) for source in texts]
    queries = [slice_query(0, pairs_of([part]), None, in_title=False) for part in parts]
    async with beside(world.runtime) as db:
        missed = await db.all(_MISSED, texts=texts, queries=queries)
        assert [tuple(row) for row in missed] == []


def some_part(draw: random.Random, source: str) -> str:
    word = draw.choice(source.split())
    begin = draw.randrange(len(word))
    return word[begin : begin + draw.choice([1, 2, 3, 9])]
