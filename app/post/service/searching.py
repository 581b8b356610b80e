"""Searching posts by their words."""

from uuid import UUID

from app.core.keyset import LAST_ID, PageRequest, Slice
from app.core.text import fold
from app.post.repository import PostgresPostSearch, PostReader, PostSearch, Sought
from app.post.rows import PostRow
from app.runtime.context import Context
from app.user.policy import Viewer


class PostSearchService:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._posts = PostReader(ctx.session, ctx.media_url)
        self._search: PostSearch = PostgresPostSearch(ctx.session)

    async def list_page(
        self,
        viewer: Viewer,
        page: PageRequest,
        query: str,
        *,
        lounge_id: UUID | None = None,
        author_id: UUID | None = None,
    ) -> Slice[PostRow]:
        """The posts with all the words that the viewer may see, the newest first.

        A page may be short, or empty, before the end: a search has little time.
        """
        folded = fold(query)
        name = f"posts:{lounge_id}:{author_id}:{folded}"
        after_id = page.after_id(name, start=LAST_ID)
        words = tuple(dict.fromkeys(folded.split()))
        sought = Sought(viewer.user_id, words, lounge_id, author_id)
        found = await self._search.page(sought, after_id, page.limit)
        rows = await self._posts.list_these(viewer.user_id, found.ids) if found.ids else []
        return page.part(name, rows, None if found.next_id is None else [found.next_id])

    async def tidy(self) -> None:
        """The job that keeps searches fast while posts are written."""
        await self._search.tidy()
