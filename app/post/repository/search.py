"""Searches for posts, the newest first (ADR 0054).

1. Walk: look through the texts of the newest posts. A common word fills the page there.
2. Slices: ask the index for four weeks at a time, the newest first, until the page is full.
3. If all bigrams of the words are common, the index is no help: walk on instead.

After a tenth of a second the page is what was found, with the place to go on from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keyset import FIRST_ID
from app.core.text import like_pattern
from app.post.repository.search_statements import (
    OLDEST,
    Kind,
    Place,
    edge,
    in_slices,
    share,
    walk,
    word_params,
)
from app.post.repository.slices import beginning_of, pairs_of, slice_of, slice_query
from app.post.rows import PostFilter

BUDGET_SECONDS = 0.1
STEP = 1_000
STEP_OF_AUTHOR = 6_000
"""An author has few posts: as a rule these are all."""

LONG_STEP = 10_000
COMMON_SHARE = 0.05
SLICES_AT_ONCE = 16


@dataclass(frozen=True)
class Sought:
    """What to search for: posts with all the words, as the viewer sees them. `words` are folded."""

    viewer_id: UUID
    words: tuple[str, ...]
    chosen: PostFilter
    place: Place = Place.ANYWHERE

    @cached_property
    def pairs(self) -> list[str]:
        return pairs_of(self.words)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of ids, the newest first. It may be short, or empty, before the end."""

    ids: list[UUID]
    next_id: UUID | None
    """The next page begins after it. None: all was searched."""


class PostSearch(Protocol):
    """The seam for another engine (docs/scaling.md)."""

    async def page(self, sought: Sought, after_id: UUID, limit: int) -> Found:
        """Up to `limit` posts that are older than `after_id`."""
        ...

    async def tidy(self) -> int:
        """What the engine has to do every few seconds; returns how much there was."""
        ...


class PostgresPostSearch:
    def __init__(self, session: AsyncSession, clock: Callable[[], float] = monotonic) -> None:
        self._session = session
        self._clock = clock

    async def page(self, sought: Sought, after_id: UUID, limit: int) -> Found:
        # One more than the page has: with exactly `limit` posts there is no next page.
        search = _Search(self._session, sought, limit + 1)
        next_id = await self._search(search, after_id)
        if len(search.ids) > limit:
            return Found(search.ids[:limit], search.ids[limit - 1])
        return Found(search.ids, next_id)

    async def tidy(self) -> int:
        """Move what was written lately into the index proper; returns the pages that it filled.

        Each search would read these pages once for each slice.
        """
        return await self._session.scalar(select(func.linky_clean_post_search())) or 0

    async def _search(self, search: "_Search", after_id: UUID) -> UUID | None:
        """Search until the page is full, the time is up (then where to go on), or all is seen."""
        ends = self._clock() + BUDGET_SECONDS
        step = STEP if search.sought.chosen.author_id is None else STEP_OF_AUTHOR
        edge_id = await search.walk(after_id, step)
        if search.is_full or edge_id is None:
            return None
        if await search.index_is_no_help(edge_id):
            return await self._walk_on(search, edge_id, ends)
        return await self._ask_slices(search, edge_id, ends)

    async def _walk_on(self, search: "_Search", after_id: UUID, ends: float) -> UUID | None:
        edge_id: UUID | None = after_id
        while edge_id is not None and not search.is_full:
            if self._clock() >= ends:
                return edge_id
            edge_id = await search.walk(edge_id, LONG_STEP)
        return None

    async def _ask_slices(self, search: "_Search", after_id: UUID, ends: float) -> UUID | None:
        newest, oldest = slice_of(after_id), await search.oldest_slice()
        number = 1
        while newest >= oldest and not search.is_full:
            if self._clock() >= ends:
                return min(after_id, beginning_of(newest + 1))
            last = max(newest - number + 1, oldest)
            await search.ask_slices(after_id, range(newest, last - 1, -1))
            newest, number = last - 1, min(2 * number, SLICES_AT_ONCE)
        return None


class _Search:
    """One page's search: what it looks for, and what it has found."""

    def __init__(self, session: AsyncSession, sought: Sought, limit: int) -> None:
        self._session = session
        self._limit = limit
        self._kind = Kind(
            len(sought.words),
            sought.chosen.lounge_id is not None,
            sought.chosen.author_id is not None,
            sought.place,
        )
        self.sought = sought
        self.ids: list[UUID] = []

    @property
    def is_full(self) -> bool:
        return len(self.ids) >= self._limit

    async def walk(self, after_id: UUID, step: int) -> UUID | None:
        """Look through the next `step` posts. Returns the last of them, None at the end.

        The edge comes first. What is written meanwhile can't shift it, so that no post is skipped
        or found twice.
        """
        params = self._params(after_id)
        edge_id = await edge(self._kind, step).first(self._session, **params)
        params["edge_id"] = edge_id or FIRST_ID
        self.ids += await walk(self._kind, step).all(self._session, **params)
        return edge_id

    async def index_is_no_help(self, after_id: UUID) -> bool:
        """Whether the index would give far more posts than have the words.

        Where each word is one bigram, the posts that the index gives have the words. And few titles
        have all the bigrams, whatever the texts have.
        """
        pairs = self.sought.pairs
        if len(pairs) <= len(self.sought.words) or self.sought.place == Place.TITLE:
            return False
        params = self._params(after_id) | {"patterns": [like_pattern(pair) for pair in pairs]}
        holding = await share(self._kind).first(self._session, **params, edge_id=FIRST_ID)
        return (holding or 0.0) > COMMON_SHARE

    async def oldest_slice(self) -> int:
        oldest = await OLDEST.first(self._session)
        return slice_of(oldest) if oldest else 0

    async def ask_slices(self, after_id: UUID, numbers: range) -> None:
        in_title = self.sought.place == Place.TITLE
        queries = [
            slice_query(number, self.sought.pairs, self.sought.chosen.lounge_id, in_title=in_title)
            for number in numbers
        ]
        params = self._params(after_id) | {"queries": queries}
        self.ids += await in_slices(self._kind).all(self._session, **params)

    def _params(self, after_id: UUID) -> dict[str, Any]:
        sought = self.sought
        words: Mapping[str, str] = word_params(sought.words)
        return {
            "viewer_id": sought.viewer_id,
            "lounge_id": sought.chosen.lounge_id,
            "author_id": sought.chosen.author_id,
            "after_id": after_id,
            "limit": self._limit - len(self.ids),
            **words,
        }
