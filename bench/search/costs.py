"""What the index of searches takes: its size beside the text, and the time of those who write."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from app.core.text import fold
from bench.requests.loading import LOAD_SECONDS, superuser
from bench.requests.servers import cpu_time
from bench.search.texts import Writer

POSTS = 2_000
"""Written one by one: the list of what was written lately becomes full once or twice."""

ROUNDS = 3
TIDY_EVERY = 200
"""Posts between two runs of the job. It runs every 20 s, so this is ten posts a second."""

_SIZES = """
    SELECT (SELECT sum(octet_length(title) + octet_length(body)) FROM posts) AS text,
           pg_table_size('post_search') AS words, pg_relation_size('post_search_pkey') AS key,
           pg_relation_size('post_search_idx') AS index, (SELECT count(*) FROM post_search) AS posts
"""
_POST = """
    INSERT INTO posts (lounge_id, author_id, title, body) VALUES ($1, $2, $3, $4) RETURNING id
"""
_WORDS = "INSERT INTO post_search (post_id, lounge_id, search_text) VALUES ($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes: the text of all posts, and what is stored of it for searches."""

    posts: int
    text: int
    words: int
    key: int
    index: int

    @property
    def ratio(self) -> float:
        return (self.words + self.key + self.index) / self.text


@dataclass(frozen=True, slots=True)
class Round:
    """What it took to write a post, in milliseconds: PostgreSQL's CPU, and each writer's wait."""

    writer: float
    job: float
    """The job's part, for each post."""

    waits: Sequence[float]


@dataclass(frozen=True, slots=True)
class Written:
    """A way to write posts, measured several times."""

    name: str
    rounds: Sequence[Round]

    @property
    def writer(self) -> float:
        return statistics.median(each.writer for each in self.rounds)

    @property
    def job(self) -> float:
        return statistics.median(each.job for each in self.rounds)

    def wait(self, share: float) -> float:
        """What a share of the writers waited at most: 0.5 is the median."""
        waits = sorted(wait for each in self.rounds for wait in each.waits)
        return waits[min(len(waits) - 1, int(len(waits) * share))]


async def sizes_of(url: str) -> Sizes:
    connection = await asyncpg.connect(superuser(url))
    try:
        row = await connection.fetchrow(_SIZES, timeout=LOAD_SECONDS)
        return Sizes(**{name: int(value) for name, value in dict(row).items()})
    finally:
        await connection.close()


async def measure_writes(url: str, number: int = POSTS) -> list[Written]:
    """Write posts in three ways in turns, each in a transaction; then delete them again."""
    writer, tidier = await asyncpg.connect(superuser(url)), await asyncpg.connect(superuser(url))
    ways = {
        "without search": (False, False),
        "with search": (True, True),
        "with search, but without the job": (True, False),
    }
    rounds: dict[str, list[Round]] = {name: [] for name in ways}
    try:
        writes = _Writes(writer, tidier, number)
        for _ in range(ROUNDS):
            for name, (searched, tidied) in ways.items():
                rounds[name].append(await writes.run(searched=searched, tidied=tidied))
    finally:
        await writer.execute("DELETE FROM posts WHERE title LIKE 'bench %'", timeout=LOAD_SECONDS)
        await writer.execute("VACUUM posts, post_search", timeout=LOAD_SECONDS)
        await writer.close()
        await tidier.close()
    return [Written(name, each) for name, each in rounds.items()]


class _Writes:
    def __init__(self, writer: Any, tidier: Any, number: int) -> None:
        self._writer = writer
        self._tidier = tidier
        self._number = number

    async def run(self, *, searched: bool, tidied: bool) -> Round:
        lounge_id = await self._writer.fetchval("SELECT id FROM lounges LIMIT 1")
        author_id = await self._writer.fetchval("SELECT id FROM users LIMIT 1")
        await self._tidy()
        texts = Writer(4)
        posts = [texts.post() for _ in range(self._number)]
        waits: list[float] = []
        job = asyncio.create_task(asyncio.sleep(0))
        before = self._times()
        for number, (title, body) in enumerate(posts, 1):
            began = time.monotonic()
            await self._write(lounge_id, author_id, f"bench {title}", body, searched=searched)
            waits.append(1000 * (time.monotonic() - began))
            if tidied and number % TIDY_EVERY == 0:
                await job
                job = asyncio.create_task(self._tidy())
        await job
        took = zip(before, self._times(), strict=True)
        writer, tidier = ((new - old) / 1e6 / len(posts) for old, new in took)
        return Round(writer, tidier, waits)

    async def _write(
        self, lounge_id: UUID, author_id: UUID, title: str, body: str, *, searched: bool
    ) -> None:
        async with self._writer.transaction():
            post_id = await self._writer.fetchval(_POST, lounge_id, author_id, title, body)
            if searched:
                await self._writer.execute(_WORDS, post_id, lounge_id, fold(f"{title}\n{body}"))

    async def _tidy(self) -> None:
        await self._tidier.execute("SELECT linky_clean_post_search()", timeout=LOAD_SECONDS)

    def _times(self) -> Sequence[int]:
        pids = [each.get_server_pid() for each in (self._writer, self._tidier)]
        return [cpu_time(pid) or 0 for pid in pids]
