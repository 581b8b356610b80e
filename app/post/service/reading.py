"""Reading posts: lists, single posts, and what other features ask about a post."""

from collections.abc import Sequence
from uuid import UUID

from app.core.keyset import LAST_ID, Page, PageRequest
from app.core.viewer_fields import PublishedMarks
from app.lounge.service import LoungeService
from app.post.exceptions import PostNotFound
from app.post.models import PostMark
from app.post.repository.reading import PostReader
from app.post.rows import Mute, NotifiedPost, Post, PostCopy, PostFilter, PostForMany
from app.runtime.context import Needs, Service
from app.user.policy import Viewer
from app.user.service.users import UserService

type PostPage = Page[Post]


class PostService(Service):
    _users = Needs(UserService)
    _lounges = Needs(LoungeService)
    _posts = Needs(PostReader)

    async def list_page(
        self,
        viewer: Viewer,
        page: PageRequest,
        chosen: PostFilter,
    ) -> PostPage:
        """The posts that the viewer may see, the newest first."""
        page = page.formerly(f"posts:{chosen}:")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._posts.list_page(viewer.user_id, after_id, page.row_limit, chosen)
        return page.slice(rows, lambda post: [post.id])

    async def list_favorites_feed(
        self, viewer: Viewer, page: PageRequest, chosen: PostFilter
    ) -> PostPage:
        """The posts in the viewer's favorite lounges, the newest first.

        A page may be short, or empty, before the end: a walk through the posts has an end.
        """
        page = page.formerly(f"posts:{chosen}:")
        after_id = page.after_id(start=LAST_ID)
        found = await self._posts.list_favorites_feed(
            viewer.user_id, after_id, page.row_limit, chosen
        )
        posts = [each.row for each in found if not each.position]
        if len(posts) > page.limit:
            return page.slice(posts, lambda post: [post.id])
        ended_early = bool(found) and found[-1].position
        return page.part(posts, [found[-1].row.id] if ended_early else None)

    async def list_of_lounge(self, viewer: Viewer, lounge_id: UUID, page: PageRequest) -> PostPage:
        """Raises LoungeNotFound."""
        found = await self.list_page(viewer, page, PostFilter(lounge_id=lounge_id))
        if not found.items:
            await self._lounges.ensure_exists(lounge_id)
        return found

    async def list_of_author(self, viewer: Viewer, author_id: UUID, page: PageRequest) -> PostPage:
        """Raises UserNotFound."""
        found = await self.list_page(viewer, page, PostFilter(author_id=author_id))
        if not found.items:
            await self._users.ensure_exists(author_id)
        return found

    async def list_marked(
        self, kind: type[PostMark], viewer: Viewer, page: PageRequest
    ) -> PostPage:
        """What the viewer has marked, the latest mark first. What they do not see is left out."""
        page = page.formerly(kind.__tablename__)
        after_id = page.after_id(start=LAST_ID)
        rows = await self._posts.list_marked(kind, viewer.user_id, after_id, page.row_limit)
        return page.slice(rows, lambda mark: [mark.position]).map(lambda mark: mark.row)

    async def list_mutes(self, viewer: Viewer, page: PageRequest) -> Page[Mute]:
        """What the viewer has muted, the latest mute first. A post that is gone is left out."""
        page = page.formerly("post_mutes")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._posts.list_mutes(viewer.user_id, after_id, page.row_limit)
        return page.slice(rows, lambda mute: [mute.position]).map(lambda mute: mute.row)

    async def get(self, viewer: Viewer, post_id: UUID) -> Post:
        """Raises PostNotFound."""
        return await self._posts.get(viewer.user_id, post_id)

    async def list_these(self, viewer_id: UUID, post_ids: Sequence[UUID]) -> list[Post]:
        """Some posts. Those that the viewer does not see are left out."""
        return await self._posts.list_these(viewer_id, post_ids)

    async def list_marks(self, viewer_id: UUID, post_ids: Sequence[UUID]) -> list[PublishedMarks]:
        """What the viewer has made of some posts, whether they see them or not."""
        return await self._posts.list_marks(viewer_id, post_ids)

    async def list_of_blocked(self, viewer_id: UUID, post_ids: Sequence[UUID]) -> list[UUID]:
        """Those of some posts whose author the viewer has blocked."""
        return await self._posts.list_of_blocked(viewer_id, post_ids)

    async def list_for_many(self, post_ids: Sequence[UUID]) -> list[PostForMany]:
        """Some posts as they are. The caller checks which readers may see them."""
        return await self._posts.list_for_many(post_ids)

    async def copy(self, viewer: Viewer, post_id: UUID) -> PostCopy:
        """What a report keeps of a post. Raises PostNotFound."""
        return await self._posts.copy(viewer.user_id, post_id)

    async def ensure_visible(self, viewer: Viewer, post_id: UUID) -> None:
        """Raises PostNotFound."""
        if not await self._posts.is_visible(viewer.user_id, post_id):
            raise PostNotFound

    # What notifications of comments need

    async def find_notified_post(self, post_id: UUID) -> NotifiedPost | None:
        """What notifications show of a post. None if it is deleted.

        It is neither moderated nor deleted before the transaction ends.
        """
        return await self._posts.find_notified_post(post_id)

    async def wants_notifications(self, user_id: UUID, post_id: UUID) -> bool:
        """Whether a user has neither muted a post nor blocked its author.

        Users can mute their own posts. What a hidden or held post would notify of is notified
        when it is shown.
        """
        return await self._posts.wants_notifications(user_id, post_id)
