"""Searches for posts, the newest first (ADR 0054).

1. Walk: look through the texts of the newest posts. A common word fills the page there.
2. Slices: ask the index for four weeks at a time, the newest first, until the page is full.
3. If all bigrams of the words are common, the index does not help: walk on instead.

Staff also look through a lounge without words. If few of the newest posts are in it, the index has
them, too: by the lounge.

After a tenth of a second the page is what was found, with the place to go on from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select

from app.core.db import Database
from app.core.text import like_pattern
from app.post.repository.search_statements import (
    MatchScope,
    SearchKind,
    in_slices,
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
class SearchTerms:
    """What to search for: posts with all the words, as the viewer sees them. `words` are folded."""

    viewer_id: UUID
    words: tuple[str, ...]
    chosen: PostFilter
    place: MatchScope = MatchScope.ANYWHERE

    @cached_property
    def pairs(self) -> list[str]:
        return pairs_of(self.words)


@dataclass(frozen=True, slots=True)
class FoundPosts:
    """A page of ids, the newest first. It may be short, or empty, before the end."""

    ids: list[UUID]
    next_id: UUID | None
    """The next page begins after it. None: all was searched."""


class PostSearch(Protocol):
    """The seam for another engine (docs/scaling.md)."""

    async def page(
        self, sought: SearchTerms, after_id: UUID, limit: int, most: int | None = None
    ) -> FoundPosts:
        """Up to `limit` posts that are older than `after_id`, by `most` looks at most."""
        ...

    async def tidy(self) -> int:
        """What the engine has to do every few seconds; returns how much there was."""
        ...


class PostgresPostSearch:
    def __init__(self, db: Database, clock: Callable[[], float] = monotonic) -> None:
        self._db = db
        self._clock = clock

    async def page(
        self, sought: SearchTerms, after_id: UUID, limit: int, most: int | None = None
    ) -> FoundPosts:
        # One more than the page has: with exactly `limit` posts there is no next page.
        search = _Search(self._db, sought, limit + 1, most)
        next_id = await self._search(search, after_id)
        if len(search.ids) > limit:
            return FoundPosts(search.ids[:limit], search.ids[limit - 1])
        return FoundPosts(search.ids, next_id)

    async def tidy(self) -> int:
        """Move what was written lately into the index proper; returns the pages that it filled.

        Each search would read these pages once for each slice.
        """
        return await self._db.first(select(func.linky_clean_post_search())) or 0

    async def _search(self, search: "_Search", after_id: UUID) -> UUID | None:
        """Search until the page is full, the time is up (then where to go on), or all is seen."""
        ends = self._clock() + BUDGET_SECONDS
        step = STEP if search.sought.chosen.author_id is None else STEP_OF_AUTHOR
        while True:
            end = await search.walk(after_id, step)
            if end is None:
                return None
            after_id, step = end.post_id, LONG_STEP
            if self._clock() >= ends or search.is_spent:
                return after_id
            if end.share <= COMMON_SHARE:
                return await self._ask_slices(search, end, ends)

    async def _ask_slices(self, search: "_Search", end: "_End", ends: float) -> UUID | None:
        newest, oldest = slice_of(end.post_id), slice_of(end.oldest_id)
        number = 1 if end.share else SLICES_AT_ONCE
        while newest >= oldest and not search.is_full:
            if self._clock() >= ends or search.is_spent:
                return min(end.post_id, beginning_of(newest + 1))
            last = max(newest - number + 1, oldest)
            await search.ask_slices(end.post_id, range(newest, last - 1, -1))
            newest, number = last - 1, min(2 * number, SLICES_AT_ONCE)
        return None


@dataclass(frozen=True, slots=True)
class _End:
    """Where a walk ended before the last post, and what `Seen` says of the others."""

    post_id: UUID
    share: float
    oldest_id: UUID


class _Search:
    """One page's search: what it looks for, and what it has found."""

    def __init__(self, db: Database, sought: SearchTerms, limit: int, most: int | None) -> None:
        self._db = db
        self._limit = limit
        self._left = most
        self._kind = SearchKind(
            len(sought.words),
            sought.chosen.lounge_id is not None,
            sought.chosen.author_id is not None,
            sought.chosen.of_favorites,
            sought.place,
            sought.chosen.for_staff,
            sought.chosen.moderation,
        )
        self.sought = sought
        self.ids: list[UUID] = []

    @property
    def is_full(self) -> bool:
        return len(self.ids) >= self._limit

    @property
    def is_spent(self) -> bool:
        """Whether it has sent as many statements as it may."""
        return self._left == 0

    def _send(self) -> None:
        if self._left is not None:
            self._left -= 1

    async def walk(self, after_id: UUID, step: int) -> _End | None:
        """Look through the next `step` posts. None if the page is full, or all was seen."""
        self._send()
        for seen in await self._db.all(walk(self._kind, step), **self._params(after_id)):
            if seen.share is not None and seen.oldest_id is not None:
                return _End(seen.post_id, seen.share, seen.oldest_id)
            self.ids.append(seen.post_id)
        return None

    async def ask_slices(self, after_id: UUID, numbers: range) -> None:
        self._send()
        in_title = self.sought.place == MatchScope.TITLE
        queries = [
            slice_query(number, self.sought.pairs, self.sought.chosen.lounge_id, in_title=in_title)
            for number in numbers
        ]
        params = self._params(after_id) | {"queries": queries}
        self.ids += await self._db.all(in_slices(self._kind), **params)

    def _params(self, after_id: UUID) -> dict[str, Any]:
        sought = self.sought
        words: Mapping[str, str] = word_params(sought.words)
        return {
            "viewer_id": sought.viewer_id,
            "lounge_id": sought.chosen.lounge_id,
            "author_id": sought.chosen.author_id,
            "after_id": after_id,
            "limit": self._limit - len(self.ids),
            "patterns": [like_pattern(pair) for pair in sought.pairs],
            **words,
        }
