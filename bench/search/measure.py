"""Searches as a request makes them, and how long PostgreSQL, the server and the caller take."""

import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from app.core.keyset import CursorSigner, PageRequest
from app.core.settings.config import Settings
from app.post.enums import PostSort
from app.post.rows import Post, PostFilter
from app.post.service.searching import PostSearchService
from app.runtime.runtime import Runtime
from app.user.enums import Role
from app.user.policy import Viewer
from bench.requests.cases import JWT_KEY, TERMS
from bench.requests.loading import LOAD_SECONDS, superuser
from bench.requests.servers import cpu_time
from bench.search.community import SearchTargets

REPEATS = 3
"""After one that does not count. Times are medians; the slowest is the slowest of all."""

SIZE = 20
DEEP = 49 * SIZE
"""What the pages before the fiftieth show."""

MOST_CALLS = 60
"""To the fiftieth page. A word that is in no post gives many empty pages."""


@dataclass(frozen=True, slots=True)
class Column:
    """All terms are measured with each kind."""

    name: str
    chosen: PostFilter
    sort: PostSort = PostSort.NEW
    deep: bool = False
    """The fiftieth page. Others are the first."""


def columns_of(places: SearchTargets) -> list[Column]:
    scopes = [
        ("all posts", PostFilter()),
        ("largest lounge", PostFilter(lounge_id=places.large_lounge_id)),
        ("a small lounge", PostFilter(lounge_id=places.small_lounge_id)),
        ("busiest author", PostFilter(author_id=places.author_id)),
    ]
    return [
        *(
            Column(f"{name}, page {50 if deep else 1}", chosen, deep=deep)
            for name, chosen in scopes
            for deep in (False, True)
        ),
        *(
            Column(f"{name}, by relevance", chosen, PostSort.RELEVANCE)
            for name, chosen in scopes[:2]
        ),
    ]


@dataclass(frozen=True, slots=True)
class Call:
    """In milliseconds."""

    database: float
    server: float
    wall: float


@dataclass(frozen=True, slots=True)
class Searched:
    calls: Sequence[Call]
    is_part: bool
    """The page was short because time was up: it has a cursor."""

    @property
    def database(self) -> float:
        return statistics.median(call.database for call in self.calls)

    @property
    def server(self) -> float:
        return statistics.median(call.server for call in self.calls)

    @property
    def wall(self) -> float:
        return statistics.median(call.wall for call in self.calls)

    @property
    def slowest(self) -> float:
        return max(call.wall for call in self.calls)


type Results = dict[tuple[str, str], Searched]
"""By term and column. A search without so many pages is missing."""


class Searcher:
    """Calls the service of `GET /posts?q=` as the route does."""

    def __init__(self, runtime: Runtime, database: Any, viewer: Viewer) -> None:
        self._runtime = runtime
        self._database = database
        self._viewer = viewer

    async def measure(self, term: str, column: Column) -> Searched | None:
        cursor = await self._cursor_of_deep_page(term, column) if column.deep else None
        if column.deep and cursor is None:
            return None
        await self._call(term, column, SIZE, cursor)
        answers = [await self._call(term, column, SIZE, cursor) for _ in range(REPEATS)]
        items, cursor_after, _ = answers[-1]
        is_part = cursor_after is not None and len(items) < SIZE
        return Searched([call for _, _, call in answers], is_part)

    async def _cursor_of_deep_page(self, term: str, column: Column) -> str | None:
        shown, cursor = 0, None
        for _ in range(MOST_CALLS):
            items, cursor, _ = await self._call(term, column, min(100, DEEP - shown), cursor)
            shown += len(items)
            if cursor is None or shown == DEEP:
                return cursor
        return None

    async def _call(
        self, term: str, column: Column, limit: int, cursor: str | None
    ) -> tuple[Sequence[Post], str | None, Call]:
        page = PageRequest(limit, cursor, CursorSigner(b"", self._runtime.settings))
        database, server, wall = await self._database_time(), time.process_time(), time.monotonic()
        async with self._runtime.reading() as ctx:
            search = ctx.service(PostSearchService)
            found = await search.list_page(self._viewer, page, column.chosen, term, column.sort)
        wall, server = time.monotonic() - wall, time.process_time() - server
        database = await self._database_time() - database
        return found.items, found.next_cursor, Call(database / 1e6, 1000 * server, 1000 * wall)

    async def _database_time(self) -> int:
        """Nanoseconds that PostgreSQL's processes have worked for us so far."""
        rows = await self._database.fetch(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'linky' AND datname ="
            " current_database()"
        )
        return sum(cpu_time(row["pid"]) or 0 for row in rows)


@asynccontextmanager
async def searching(url: str, places: SearchTargets) -> AsyncIterator[Searcher]:
    settings = Settings(env="development", database_url=url, jwt_keys=(JWT_KEY,))
    runtime = Runtime.build(settings, url)
    database = await asyncpg.connect(superuser(url))
    try:
        viewer = Viewer(places.viewer_id, places.viewer_id, Role.USER)
        yield Searcher(runtime, database, viewer)
    finally:
        await database.close()
        await runtime.close()


async def measure_all(url: str, places: SearchTargets, terms: Sequence[str] = TERMS) -> Results:
    results: Results = {}
    async with searching(url, places) as searcher:
        for number, term in enumerate(terms, 1):
            print(f"term {number} of {len(terms)}", file=sys.stderr, flush=True)
            for column in columns_of(places):
                searched = await searcher.measure(term, column)
                if searched is not None:
                    results[term, column.name] = searched
    return results


_SIZES = """
    SELECT (SELECT sum(octet_length(title) + octet_length(body)) FROM posts) AS text,
           pg_table_size('post_search') AS words, pg_relation_size('post_search_pkey') AS key,
           pg_relation_size('post_search_idx') AS index, (SELECT count(*) FROM post_search) AS posts
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes: the text of all posts, and what is stored of it for searches."""

    posts: int
    text: int
    words: int
    key: int
    index: int


async def sizes_of(url: str) -> Sizes:
    connection = await asyncpg.connect(superuser(url))
    try:
        row = await connection.fetchrow(_SIZES, timeout=LOAD_SECONDS)
        return Sizes(**{name: int(value) for name, value in dict(row).items()})
    finally:
        await connection.close()
