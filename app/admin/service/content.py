"""What admins do with what people write: hide it, show it, and review what is held."""

from uuid import UUID

from app.admin.enums import Action
from app.admin.policy import Version, content_version, ensure_unchanged
from app.admin.repository import OverviewRepository
from app.admin.rows import HeldRow
from app.admin.service.audit import AuditLog
from app.admin.service.changes import ContentState
from app.comment.service import CommentModerationService
from app.core.keyset import FIRST_ID, PageRequest, Slice
from app.core.text import cut
from app.image.service import ImageService
from app.notification.enums import NotificationType
from app.notification.service import NewNotification, NotificationService
from app.post.enums import Moderation
from app.post.service import PostModerationService
from app.runtime.context import Context, Needs
from app.sanction.service import ContentHidingService

HELD = "held_content"
EXCERPT_LENGTH = 60
_HIDDEN, _VISIBLE = ContentState(Moderation.HIDDEN), ContentState(Moderation.VISIBLE)


class ContentAdmin:
    _posts = Needs(PostModerationService)
    _comments = Needs(CommentModerationService)
    _images = Needs(ImageService)
    _notifications = Needs(NotificationService)
    _hiding = Needs(ContentHidingService)

    def __init__(self, ctx: Context, audit: AuditLog) -> None:
        self._ctx = ctx
        self._audit = audit
        self._overview = OverviewRepository(ctx.session, ctx.media_url)

    async def list_held(self, page: PageRequest) -> Slice[HeldRow]:
        """Posts and comments that wait for review, the oldest first."""
        after_id = page.after_id(HELD, start=FIRST_ID)
        rows = await self._overview.list_held(after_id, page.row_limit)
        return page.slice(HELD, rows, lambda row: [row.id])

    async def read_picture(self, address: str) -> bytes:
        """A picture by its public address, even while it is hidden. Raises NotFound."""
        return await self._images.read_for_admin(address)

    async def hide_post(self, post_id: UUID, reason: str, seen: Version | None = None) -> None:
        """Hide a post from everybody, and notify its author once.

        Raises PostNotFound, ChangedMeanwhile.
        """
        was_with_author = await self._lock_post(post_id, seen)
        post, before = await self._posts.hide(post_id)
        await self._audit.record(Action.POST_HIDDEN, post_id, reason, ContentState(before), _HIDDEN)
        if before != Moderation.HIDDEN or was_with_author:
            await self._notify_author(post.author_id, reason, post.title, post_id)

    async def restore_post(self, post_id: UUID, reason: str, seen: Version | None = None) -> None:
        """Show a hidden or held post. Raises PostNotFound, ChangedMeanwhile."""
        await self._lock_post(post_id, seen)
        _, before = await self._posts.restore(post_id)
        await self._audit.record(
            Action.POST_RESTORED, post_id, reason, ContentState(before), _VISIBLE
        )

    async def hide_comment(
        self, comment_id: UUID, reason: str, seen: Version | None = None
    ) -> None:
        """Hide a comment from everybody, and notify its author once.

        Raises CommentNotFound, ChangedMeanwhile.
        """
        was_with_author = await self._lock_comment(comment_id, seen)
        comment, before = await self._comments.hide(comment_id)
        await self._audit.record(
            Action.COMMENT_HIDDEN, comment_id, reason, ContentState(before), _HIDDEN
        )
        is_new = before != Moderation.HIDDEN or was_with_author
        if is_new and comment.author_id is not None:
            await self._notify_author(
                comment.author_id, reason, comment.body, comment.post_id, comment_id
            )

    async def restore_comment(
        self, comment_id: UUID, reason: str, seen: Version | None = None
    ) -> None:
        """Show a hidden or held comment. Raises CommentNotFound, ChangedMeanwhile."""
        await self._lock_comment(comment_id, seen)
        _, before = await self._comments.restore(comment_id)
        await self._audit.record(
            Action.COMMENT_RESTORED, comment_id, reason, ContentState(before), _VISIBLE
        )

    async def undo_hiding_of_post(self, post_id: UUID, reason: str) -> None:
        """Show a post that an admin has hidden. Raises PostNotFound."""
        post = await self._posts.lock(post_id)
        if post.moderation == Moderation.HIDDEN and not post.hidden_with_author:
            await self.restore_post(post_id, reason)
            await self._hiding.begin(post.author_id)

    async def undo_hiding_of_comment(self, comment_id: UUID, reason: str) -> None:
        """Show a comment that an admin has hidden. Raises CommentNotFound."""
        comment = await self._comments.lock(comment_id)
        if comment.moderation == Moderation.HIDDEN and not comment.hidden_with_author:
            await self.restore_comment(comment_id, reason)
            if comment.author_id is not None:
                await self._hiding.begin(comment.author_id)

    async def _lock_post(self, post_id: UUID, seen: Version | None) -> bool:
        """Lock a post that is as the admin saw it.

        Returns whether it is hidden only because its author's whole content is.
        """
        post = await self._posts.lock(post_id)
        ensure_unchanged(seen, content_version(post.moderation, post.title, post.body))
        return post.hidden_with_author

    async def _lock_comment(self, comment_id: UUID, seen: Version | None) -> bool:
        """As `_lock_post`."""
        comment = await self._comments.lock(comment_id)
        ensure_unchanged(seen, content_version(comment.moderation, None, comment.body))
        return comment.hidden_with_author

    async def _notify_author(
        self,
        author_id: UUID,
        reason: str,
        text: str,
        post_id: UUID,
        comment_id: UUID | None = None,
    ) -> None:
        """Say why, and quote the text: its author can no longer see it."""
        await self._notifications.notify(
            NewNotification(
                recipient_id=author_id,
                type=NotificationType.MODERATION,
                post_id=post_id,
                comment_id=comment_id,
                params={"what": cut(text, EXCERPT_LENGTH), "body": reason},
            )
        )
