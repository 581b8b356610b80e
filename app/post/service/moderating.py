"""Changing a post's moderation: by moderators, and by screening. Callers check the permission."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from app.image.service import ImageService
from app.notification.service import NotificationService
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.models import Post
from app.post.policy import ModerationChange
from app.post.repository import PostRepository
from app.post.service.counting import PostCountService, tell
from app.post.service.fan_out import PostFanOutService
from app.post.service.withholding import WithholdingService
from app.runtime.context import Context, Needs

SETTLED_AT_ONCE = 500
"""Posts per run of the hourly job: about three statements each, well within its five minutes."""


class PostModerationService:
    _images = Needs(ImageService)
    _notifications = Needs(NotificationService)
    _counts = Needs(PostCountService)
    _fan_outs = Needs(PostFanOutService)
    _withholding = Needs(WithholdingService)
    _posts = Needs(PostRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def lock(self, post_id: UUID) -> Post:
        """Lock a post until the transaction ends. Raises PostNotFound for a deleted one."""
        return await self._posts.lock(post_id)

    async def hide(self, post_id: UUID) -> tuple[Post, ModerationChange]:
        """Hide a post from all users. Raises PostNotFound for a deleted one."""
        return await self._moderate(post_id, Moderation.HIDDEN)

    async def restore(self, post_id: UUID) -> tuple[Post, ModerationChange]:
        """Show a hidden or held post, or let it be shown with its author's whole content.

        Raises PostNotFound for a deleted one.
        """
        return await self._moderate(post_id, Moderation.VISIBLE)

    async def lock_all(self, post_ids: Collection[UUID]) -> Sequence[Post]:
        """Lock those of some posts that are not deleted, in the order of their ids."""
        return await self._posts.lock_all(post_ids)

    async def put_back_times(self, post_id: UUID, held_at: datetime | None) -> None:
        """Give a hidden post the `held_at` that showing it has taken (`writes.moderated`)."""
        await self._posts.set_held_at(post_id, held_at)

    async def _moderate(self, post_id: UUID, after: Moderation) -> tuple[Post, ModerationChange]:
        post = await self._posts.lock(post_id)
        before = Moderation(post.moderation)
        return post, await self.change(post, ModerationChange(before, after))

    async def change(self, post: Post, change: ModerationChange) -> ModerationChange:
        """Change the moderation of a post that is locked, with all that depends on it.

        Returns what became of the change: see `WithholdingService`.
        """
        (settled,) = await self.change_all([(post, change)])
        return settled

    async def change_all(
        self, changes: Iterable[tuple[Post, ModerationChange]]
    ) -> Sequence[ModerationChange]:
        """As `change`, for several posts: each step for all of them.

        So rows are locked in the order of all other code, however many posts there are. The counts
        come last: other writers wait for them. A job notifies of what is released.
        """
        settled = await self._withholding.settled(changes)
        changed, released = [], []
        for post, change in settled:
            # Before it is marked: that changes the times.
            if change.releases(post.held_at, post.created_at):
                released.append(post)
            if await self._mark(post, change):
                changed.append((post, change))
        await self._notifications.tell(post_ids=[post.id for post, _ in changed])
        await self._counts.change_all((post, change.in_counts) for post, change in changed)
        for post in released:
            await self._fan_outs.begin_released(post.id)
        return [change for _, change in settled]

    async def _mark(self, post: Post, change: ModerationChange) -> bool:
        """Returns whether it is another moderation than before."""
        is_other = change.before != change.after
        is_marked_anew = post.hidden_with_author != change.with_author
        if is_other or is_marked_anew:
            await self._posts.set_moderation(
                post.id, change.after, self._ctx.clock(), with_author=change.with_author
            )
            if change.is_allowed:
                await self._images.note_review(await self._posts.list_image_ids(post.id))
        if is_other:
            tell(self._ctx, post, change)
            if change.moves_pictures:
                await self._settle_pictures(post.id, change.after)
        return is_other

    async def _settle_pictures(self, post_id: UUID, moderation: Moderation) -> None:
        image_ids = await self._posts.list_image_ids(post_id)
        await self._images.set_hidden(image_ids, hidden=moderation == Moderation.HIDDEN)

    async def settle_pictures(self) -> None:
        """Mark the pictures of posts that an older release, without marks, hid or restored."""
        for post_id in await self._posts.list_wrongly_marked(SETTLED_AT_ONCE):
            with suppress(PostNotFound):
                post = await self._posts.lock(post_id)
                await self._settle_pictures(post_id, Moderation(post.moderation))
