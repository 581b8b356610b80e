"""Searching posts by their words."""

from collections.abc import Sequence
from uuid import UUID

from app.core.errors import ValidationFailed
from app.core.field_errors import FieldCode
from app.core.field_texts import MISSING
from app.core.keyset import FIRST_ID, LAST_ID, Page, PageRequest
from app.core.text import fold, words_of
from app.core.texts import Text
from app.post.enums import PostSort
from app.post.repository.reading import PostReader
from app.post.repository.search import PostgresPostSearch, PostSearch, SearchTerms
from app.post.repository.search_statements import MatchScope
from app.post.rows import ManagedPost, Post, PostFilter
from app.post.service.reading import PostService
from app.runtime.context import Context, Needs, Service
from app.user.policy import Viewer

TIERS = (MatchScope.TITLE, MatchScope.NOT_TITLE)
"""The more relevant posts come first."""

NOT_WITH_FEED = FieldCode(
    "not_with_feed",
    Text(
        "お気に入りの投稿は、新しい順にだけ並べられます。",
        "A feed can only be sorted by newest first.",
    ),
)

MOST_RELEVANT = 200
"""Where a search by relevance ends."""


class PostSearchService(Service):
    _reading = Needs(PostService)
    _posts = Needs(PostReader)

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._search: PostSearch = PostgresPostSearch(ctx.db)

    async def list_page(
        self,
        viewer: Viewer,
        page: PageRequest,
        chosen: PostFilter,
        query: str | None,
        sort: PostSort,
    ) -> Page[Post]:
        """The posts that the viewer may see; with a query those that have all its words.

        A page of a search may be short, or empty, before the end: a search has little time.
        Raises ValidationFailed for relevance without a query, and for relevance in a feed.
        """
        if sort == PostSort.RELEVANCE and chosen.of_favorites:
            raise ValidationFailed(NOT_WITH_FEED.at("sort"))
        if query is not None:
            search = self._newest if sort == PostSort.NEW else self._most_relevant
            return await search(viewer, page, chosen, fold(query))
        if sort == PostSort.RELEVANCE:
            raise ValidationFailed(MISSING.at("q"))
        if chosen.of_favorites:
            return await self._reading.list_favorites_feed(viewer, page, chosen)
        return await self._reading.list_page(viewer, page, chosen)

    async def _newest(
        self, viewer: Viewer, page: PageRequest, chosen: PostFilter, folded: str
    ) -> Page[Post]:
        page = page.formerly(f"posts:{chosen}:{folded}")
        after_id = page.after_id(start=LAST_ID)
        sought = SearchTerms(viewer.user_id, words_of(folded), chosen)
        found = await self._search.page(sought, after_id, page.limit)
        rows = await self._rows(viewer, found.ids)
        return page.part(rows, None if found.next_id is None else [found.next_id])

    async def list_for_staff(
        self, page: PageRequest, chosen: PostFilter, query: str | None, looks: int
    ) -> Page[ManagedPost]:
        """Posts that are not deleted, hidden and held ones too, the newest first.

        A page may be short, or empty, before the end, as that of a search. `looks` says by how many
        statements it looks at most; one more reads what they found.
        """
        folded = fold(query or "")
        page = page.formerly(f"posts:{chosen}:{folded}")
        after_id = page.after_id(start=LAST_ID)
        sought = SearchTerms(FIRST_ID, words_of(folded), chosen)
        found = await self._search.page(sought, after_id, page.limit, looks)
        rows = await self.list_managed(found.ids)
        return page.part(rows, None if found.next_id is None else [found.next_id])

    async def list_managed(self, post_ids: Sequence[UUID]) -> list[ManagedPost]:
        """Some posts, deleted ones aside, the newest first."""
        rows = await self._posts.list_for_many(post_ids) if post_ids else []
        there = [ManagedPost(**vars(each.row)) for each in rows if not each.visibility.is_gone]
        return sorted(there, key=lambda post: post.id, reverse=True)

    async def _most_relevant(
        self, viewer: Viewer, page: PageRequest, chosen: PostFilter, folded: str
    ) -> Page[Post]:
        """Those with all the words in the title, then the others; each the newest first."""
        page = page.formerly(f"relevant posts:{chosen}:{folded}")
        tier, after_id, shown = _position_of(page.after())
        limit = min(page.limit, MOST_RELEVANT - shown)
        ids: list[UUID] = []
        while tier < len(TIERS) and len(ids) < limit:
            sought = SearchTerms(viewer.user_id, words_of(folded), chosen, TIERS[tier])
            found = await self._search.page(sought, after_id, limit - len(ids))
            ids += found.ids
            if found.next_id is not None:
                after_id = found.next_id
                break
            tier, after_id = tier + 1, LAST_ID
        rows = await self._rows(viewer, ids)
        is_end = tier == len(TIERS) or shown + len(ids) == MOST_RELEVANT
        return page.part(rows, None if is_end else [tier, after_id, shown + len(ids)])

    async def tidy(self) -> None:
        """The job that keeps searches fast while posts are written."""
        await self._search.tidy()

    async def _rows(self, viewer: Viewer, post_ids: list[UUID]) -> list[Post]:
        return await self._posts.list_these(viewer.user_id, post_ids) if post_ids else []


def _position_of(cursor: list[str | int] | None) -> tuple[int, UUID, int]:
    """The tier, the id in it and the number of posts that were shown before a page."""
    if cursor is None:
        return 0, LAST_ID, 0
    tier, after_id, shown = cursor
    return int(tier), UUID(str(after_id)), int(shown)
