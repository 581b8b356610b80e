"""Changing posts' moderation: by moderators, and by screening. Callers check the permission."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from app.post.models import Post
from app.post.policy import ModerationChange
from app.post.repository.posts import PostRepository
from app.post.service.visibility import PostVisibilityService
from app.post.service.withholding import WithholdingService
from app.runtime.context import Needs, Service


class PostModerationService(Service):
    _visibility = Needs(PostVisibilityService)
    _withholding = Needs(WithholdingService)
    _posts = Needs(PostRepository)

    async def lock_all(self, post_ids: Collection[UUID]) -> Sequence[Post]:
        """Lock those of some posts that are not deleted, in the order of their ids."""
        return await self._posts.lock_all(post_ids) if post_ids else ()

    async def change_all(
        self, changes: Iterable[tuple[Post, ModerationChange]]
    ) -> Sequence[ModerationChange]:
        """Change the moderation of posts that are locked, with all that depends on it.

        Returns what became of the changes: see `WithholdingService`.
        """
        settled = await self._withholding.settled(changes)
        await self._visibility.apply(settled)
        return [change for _, change in settled]

    async def put_back_times(self, post_id: UUID, held_at: datetime | None) -> None:
        """Give a hidden post the `held_at` that showing it has taken (`writes.moderated`)."""
        await self._posts.set_held_at(post_id, held_at)
