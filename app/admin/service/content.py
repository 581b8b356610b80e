"""What admins do with what people write: hide it, show it, and review what is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.admin.enums import Action, HeldKind, TargetType
from app.admin.exceptions import ChangedMeanwhile, NothingChosen
from app.admin.policy import Version, content_version, ensure_unchanged
from app.admin.repository import OverviewRepository
from app.admin.rows import AuditRow, HeldRow
from app.admin.service.audit import UNDONE, AuditLog
from app.admin.service.changes import ContentState
from app.comment.exceptions import CommentNotFound
from app.comment.models import Comment
from app.comment.service import CommentModerationService
from app.core.keyset import FIRST_ID, PageRequest, Slice
from app.core.text import cut
from app.image.service import ImageService
from app.notification.enums import NotificationType
from app.notification.service import NewNotification, NotificationService
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.models import Post
from app.post.service import PostModerationService
from app.runtime.context import Context, Needs
from app.sanction.service import ContentHidingService

HELD = "held_content"
EXCERPT_LENGTH = 60
MOST_AT_ONCE = 20
"""Posts and comments that one form hides or restores: as many as a page shows."""

_WITH_AUTHOR = "with_author"
"""Kept for undo: it was hidden only because its author's whole content is."""

_HIDDEN, _VISIBLE = ContentState(Moderation.HIDDEN), ContentState(Moderation.VISIBLE)


@dataclass(frozen=True, slots=True)
class ContentRef:
    """A post or a comment that an admin has chosen."""

    kind: HeldKind
    id: UUID


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

    async def hide_post(
        self, post_id: UUID, reason: str, seen: Version | None = None, *, push: bool = True
    ) -> None:
        """Hide a post from everybody, and notify its author once.

        Raises PostNotFound, ChangedMeanwhile.
        """
        was_with_author = await self._lock_post(post_id, seen)
        post, before = await self._posts.hide(post_id)
        await self._audit.record(Action.POST_HIDDEN, post_id, reason, ContentState(before), _HIDDEN)
        if before != Moderation.HIDDEN or was_with_author:
            await self._notify_author(post.author_id, reason, post.title, post_id, push=push)

    async def restore_post(self, post_id: UUID, reason: str, seen: Version | None = None) -> None:
        """Show a hidden or held post. Raises PostNotFound, ChangedMeanwhile."""
        await self._lock_post(post_id, seen)
        _, before = await self._posts.restore(post_id)
        await self._audit.record(
            Action.POST_RESTORED, post_id, reason, ContentState(before), _VISIBLE
        )

    async def hide_comment(
        self, comment_id: UUID, reason: str, seen: Version | None = None, *, push: bool = True
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
                comment.author_id, reason, comment.body, comment.post_id, comment, push=push
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

    async def hide_all(self, items: Sequence[ContentRef], reason: str) -> None:
        """Hide several posts and comments.

        Those that are gone or hidden are skipped. The author finds a notification about each, but
        only the first is pushed: twenty at once would be noise. Raises NothingChosen.
        """
        push = True
        for item in _in_order(items):
            hide = self.hide_post if item.kind == HeldKind.POST else self.hide_comment
            if await self._can_become(item, Moderation.HIDDEN):
                await hide(item.id, reason, push=push)
                push = False

    async def restore_all(self, items: Sequence[ContentRef], reason: str) -> None:
        """Show several posts and comments, but for those that are gone. Raises NothingChosen."""
        for item in _in_order(items):
            restore = self.restore_post if item.kind == HeldKind.POST else self.restore_comment
            if await self._can_become(item, Moderation.VISIBLE):
                await restore(item.id, reason)

    async def _can_become(self, item: ContentRef, state: Moderation) -> bool:
        """Lock a post or a comment, and say whether it is there and in another state.

        What is hidden with its author's whole content can still be hidden for its own sake.
        """
        try:
            locked = await self._service(is_post=item.kind == HeldKind.POST).lock(item.id)
        except (PostNotFound, CommentNotFound):
            return False
        is_own = not (state == Moderation.HIDDEN and locked.hidden_with_author)
        return locked.moderation != state or not is_own

    async def reverse(self, entry: AuditRow, kept: str) -> None:
        """Give a post or a comment its former state. Raises ChangedMeanwhile, and as `hide_…`."""
        before, after = ContentState(**entry.before), ContentState(**entry.after)
        is_post, with_author = entry.target_type == TargetType.POST, kept == _WITH_AUTHOR
        service = self._service(is_post=is_post)
        locked = await service.lock(entry.target_id)
        if locked.moderation != after.moderation:
            raise ChangedMeanwhile
        if before == after and not with_author:
            return
        state = Moderation(before.moderation)
        await service.put_back(entry.target_id, state, with_author=with_author)
        if with_author and locked.author_id is not None:
            # If the suspension has ended meanwhile, the job shows it.
            await self._hiding.begin(locked.author_id)
        await self._audit.record(_action(is_post, state), entry.target_id, UNDONE, after, before)

    def _service(self, *, is_post: bool) -> PostModerationService | CommentModerationService:
        return self._posts if is_post else self._comments

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
        if seen is not None:
            images = await self._overview.list_thumbnails_of(post_id)
            now = content_version(post.moderation, post.title, post.body, images)
            ensure_unchanged(seen, now)
        self._keep_for_undo(post)
        return post.hidden_with_author

    async def _lock_comment(self, comment_id: UUID, seen: Version | None) -> bool:
        """As `_lock_post`."""
        comment = await self._comments.lock(comment_id)
        ensure_unchanged(seen, content_version(comment.moderation, None, comment.body))
        self._keep_for_undo(comment)
        return comment.hidden_with_author

    def _keep_for_undo(self, content: Post | Comment) -> None:
        self._audit.keep_for_undo(content.id, _WITH_AUTHOR if content.hidden_with_author else "")

    async def _notify_author(
        self,
        author_id: UUID,
        reason: str,
        text: str,
        post_id: UUID,
        comment: Comment | None = None,
        *,
        push: bool = True,
    ) -> None:
        """Say why, and quote the text: its author can no longer see it."""
        await self._notifications.notify(
            NewNotification(
                recipient_id=author_id,
                type=NotificationType.MODERATION,
                post_id=post_id,
                comment_id=comment.id if comment else None,
                parent_id=comment.parent_id if comment else None,
                params={"what": cut(text, EXCERPT_LENGTH), "body": reason},
            ),
            push=push,
        )


def _in_order(items: Sequence[ContentRef]) -> Sequence[ContentRef]:
    """Comments before posts, as everywhere, and each kind by its ids. Raises NothingChosen."""
    chosen = set(items)
    if not 0 < len(chosen) <= MOST_AT_ONCE:
        raise NothingChosen
    return sorted(chosen, key=lambda item: (item.kind, item.id))


def _action(is_post: bool, state: Moderation) -> Action:
    """What an entry calls a change to a state. A held text goes back behind its review."""
    if state == Moderation.HIDDEN:
        return Action.POST_HIDDEN if is_post else Action.COMMENT_HIDDEN
    return Action.POST_RESTORED if is_post else Action.COMMENT_RESTORED
