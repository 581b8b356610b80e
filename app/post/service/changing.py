"""Changing and deleting posts. `writing.py` writes new ones."""

from collections.abc import Sequence
from uuid import UUID

from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.core.etags import NO_CONDITION, IfMatch
from app.image.service.images import ImageService
from app.notification.service.notifications import NotificationService
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.models import Post
from app.post.policy import ModerationChange, deletion, ensure_author
from app.post.repository.posts import PostRepository
from app.post.rows import Post as PostRow
from app.post.schemas import PostUpdate, edit_of
from app.post.service.moderating import PostModerationService
from app.post.service.reading import PostService
from app.post.service.visibility import PostVisibilityService, publish_change
from app.runtime.context import Needs, Service
from app.screening.service import ScreeningService
from app.user.policy import Viewer
from app.user.service.user_texts import UserTextService


class PostChangeService(Service):
    _reading = Needs(PostService)
    _moderation = Needs(PostModerationService)
    _visibility = Needs(PostVisibilityService)
    _images = Needs(ImageService)
    _notifications = Needs(NotificationService)
    _screening = Needs(ScreeningService)
    _texts = Needs(UserTextService)
    _records = Needs(ConnectionLogService)
    _posts = Needs(PostRepository)

    async def update(
        self, viewer: Viewer, post_id: UUID, changes: PostUpdate, condition: IfMatch = NO_CONDITION
    ) -> PostRow:
        """Change what was sent.

        Raises PostNotFound, NotAuthor, PreconditionFailed, ImageNotAvailable, NewAccountLink.
        """
        post = await self._lock_own(viewer, post_id, condition)
        before, title_before = Moderation(post.moderation), post.title
        must_be_held = False
        if changes.title is not None or changes.body is not None:
            title, body = changes.title or post.title, changes.body or post.body
            must_be_held = await self._change_words(post, title, body)
        if changes.image_ids is not None:
            must_be_held |= await self._exchange_images(post, changes.image_ids)
        if changes.title not in (None, title_before):
            await self._notifications.publish_changed(post_ids=[post_id])
        await self._screen(post, must_be_held=must_be_held)
        if changes.model_fields_set:
            await self._records.note(RecordedAct.CHANGED, Subject.POST, post_id, viewer.user_id)
            await self._posts.touch(post_id)
            publish_change(self._ctx, post, ModerationChange(before, before))
        return await self._reading.get(viewer, post_id)

    async def delete(
        self, viewer: Viewer, post_id: UUID, condition: IfMatch = NO_CONDITION
    ) -> None:
        """Delete a post, its words and its images.

        Raises PostNotFound, NotAuthor, PreconditionFailed.
        """
        post = await self._lock_own(viewer, post_id, condition)
        await self._visibility.apply([(post, deletion(post))])

    async def _lock_own(self, viewer: Viewer, post_id: UUID, condition: IfMatch) -> Post:
        await self._reading.ensure_visible(viewer, post_id)
        post = await self._posts.lock(post_id)
        if post.moderation == Moderation.HIDDEN:
            # Hidden between the check and the lock. Its author must not free its images now.
            raise PostNotFound
        ensure_author(viewer, post.author_id)
        if condition.is_sent:
            # The lock is there, so this is the latest state, and nothing changes it any more.
            condition.ensure(edit_of(await self._reading.get(viewer, post_id)))
        return post

    async def _change_words(self, post: Post, title: str, body: str) -> bool:
        """Returns whether a moderator must see the words first."""
        words = f"{title}\n{body}"
        await self._texts.ensure_may_link(post.author_id, words)
        await self._posts.save_words(post.id, title, body)
        # A held post stays held: a moderator decides, even if the banned word has gone.
        if post.moderation == Moderation.HELD:
            return False
        return await self._screening.must_be_held(words)

    async def _exchange_images(self, post: Post, image_ids: Sequence[UUID]) -> bool:
        """Returns whether a moderator must see one of the new images first."""
        before = set(await self._posts.list_image_ids(post.id))
        added = [image_id for image_id in image_ids if image_id not in before]
        needs_review = await self._images.attach(post.author_id, added)
        await self._posts.set_images(post.id, image_ids)
        await self._images.detach(list(before.difference(image_ids)))
        return needs_review

    async def _screen(self, post: Post, *, must_be_held: bool) -> None:
        if must_be_held and post.moderation == Moderation.VISIBLE:
            change = ModerationChange(Moderation.VISIBLE, Moderation.HELD)
            await self._moderation.change_all([(post, change)])
