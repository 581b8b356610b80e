"""Notifications of a comment: to the post's author, and of a reply to the parent's author too."""

from collections.abc import Mapping
from uuid import UUID

from app.comment.models import Comment
from app.comment.repository.reading import CommentReader
from app.comment.rows import LockedComment
from app.comment.service.fan_out import CommentFanOutService
from app.notification.enums import NotificationType
from app.notification.rows import NewNotification
from app.notification.service.notifications import NotificationService
from app.post.rows import NotifiedPost
from app.post.service.reading import PostService
from app.runtime.context import Needs, Service


class CommentNotifier(Service):
    _posts = Needs(PostService)
    _notifications = Needs(NotificationService)
    _fan_outs = Needs(CommentFanOutService)
    _comments = Needs(CommentReader)

    async def notify_of_released(self, comment: Comment | LockedComment) -> None:
        """Notify of a comment that was held, unless this was done before it was held.

        A job notifies those who watch its post.

        What its author sees does not matter: they may have muted the post meanwhile. Below a post
        or a comment that is not shown, the notifications are hidden until it is.
        """
        if comment.parent_id is None:
            await self._fan_outs.begin(comment.id)
        post = await self._posts.find_notified_post(comment.post_id)
        if post is None or await self._notifications.has_notified_of_comment(comment.id):
            return
        if comment.parent_id is None:
            await self._notify(comment, post, None)
            return
        parent = await self._comments.get_state(comment.parent_id)
        # The author of a deleted comment is not notified. The post's author is. While the parent is
        # hidden or held, the notification is hidden.
        await self._notify(comment, post, None if parent.is_deleted else parent.author_id)

    async def _notify(
        self, comment: Comment | LockedComment, post: NotifiedPost, parent_author_id: UUID | None
    ) -> None:
        """Notify the post's author, and the parent's author of a reply."""
        kinds = recipients(comment.author_id, post.author_id, parent_author_id)
        for recipient_id, kind in kinds.items():
            if await self._posts.wants_notifications(recipient_id, comment.post_id):
                await self._notifications.notify(_notification(recipient_id, kind, comment, post))


def recipients(
    author_id: UUID | None, post_author_id: UUID, parent_author_id: UUID | None
) -> Mapping[UUID, NotificationType]:
    """Whom a comment notifies, and of what.

    The post's author gets `comment`, the parent's author `reply`. A user who is both gets one
    notification. Authors get none of their own comments.
    """
    kinds = {post_author_id: NotificationType.COMMENT}
    if parent_author_id is not None:
        kinds[parent_author_id] = NotificationType.REPLY
    return {user_id: kind for user_id, kind in kinds.items() if user_id != author_id}


def _notification(
    recipient_id: UUID, kind: NotificationType, comment: Comment | LockedComment, post: NotifiedPost
) -> NewNotification:
    return NewNotification(
        recipient_id=recipient_id,
        type=kind,
        actor_id=comment.author_id,
        post_author_id=post.author_id,
        post_id=comment.post_id,
        comment_id=comment.id,
        parent_id=comment.parent_id,
        lounge_id=post.lounge_id,
    )
