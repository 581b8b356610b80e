"""Changing and deleting comments. `writing.py` writes new ones."""

from uuid import UUID

from app.comment.exceptions import CommentNotFound
from app.comment.models import Comment
from app.comment.repository.comments import CommentRepository
from app.comment.rows import Comment as CommentRow
from app.comment.schemas import CommentUpdate, edit_of
from app.comment.service.reading import CommentService
from app.comment.service.visibility import CommentVisibilityService
from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.core.etags import NO_CONDITION, IfMatch
from app.core.text import cut
from app.live_log.changes import Kind
from app.notification.service.notifications import NotificationService
from app.notification.texts import EXCERPT_LENGTH
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.policy import ModerationChange, deletion, ensure_author, only_reader
from app.runtime.context import Needs, Service
from app.screening.service import ScreeningService
from app.user.policy import Viewer
from app.user.service.user_texts import UserTextService


class CommentChangeService(Service):
    _reading = Needs(CommentService)
    _visibility = Needs(CommentVisibilityService)
    _notifications = Needs(NotificationService)
    _screening = Needs(ScreeningService)
    _texts = Needs(UserTextService)
    _records = Needs(ConnectionLogService)
    _comments = Needs(CommentRepository)

    async def update(
        self,
        viewer: Viewer,
        comment_id: UUID,
        changes: CommentUpdate,
        condition: IfMatch = NO_CONDITION,
    ) -> CommentRow:
        """Change the viewer's own comment.

        Raises CommentNotFound, NotAuthor, PreconditionFailed, NewAccountLink.
        """
        comment = await self._lock_own(viewer, comment_id, condition)
        if changes.body is not None:
            await self._texts.ensure_may_link(viewer.user_id, changes.body)
            await self._records.note(
                RecordedAct.CHANGED, Subject.COMMENT, comment_id, viewer.user_id
            )
            reader = only_reader(comment.author_id, comment.moderation)
            self._ctx.changed(comment.post_id, Kind.COMMENT, comment_id, reader)
            await self._change_body(comment, changes.body)
        return await self._reading.get(viewer, comment_id)

    async def delete(
        self, viewer: Viewer, comment_id: UUID, condition: IfMatch = NO_CONDITION
    ) -> None:
        """Delete the viewer's own comment. With replies it stays as a placeholder.

        It does not matter whether the viewer can see the post: authors can delete what they wrote
        below a post that is deleted, hidden or held. Reports keep copies of their own. What a
        moderator has hidden is not deleted.

        Raises CommentNotFound, NotAuthor, PreconditionFailed.
        """
        comment = await self._comments.lock_own(viewer.user_id, comment_id)
        if comment is None:
            ensure_author(viewer, (await self._reading.get(viewer, comment_id)).author.id)
            raise CommentNotFound
        condition.ensure(edit_of(comment.body))
        # The post's count is not needed if the post is deleted.
        await self._apply(comment, deletion(comment))

    async def _apply(self, comment: Comment, change: ModerationChange) -> bool:
        """Returns False if the post that counts the comment has been deleted meanwhile."""
        above = await self._comments.lock_all([comment.parent_id]) if comment.parent_id else ()
        return await self._visibility.apply([(comment, change)], above)

    async def _lock_own(self, viewer: Viewer, comment_id: UUID, condition: IfMatch) -> Comment:
        comment = await self._reading.get(viewer, comment_id)
        ensure_author(viewer, comment.author.id)
        locked = await self._comments.lock(comment_id)
        if locked.moderation == Moderation.HIDDEN:
            # Hidden between the check and the lock. A placeholder would show its replies again.
            raise CommentNotFound
        if condition.is_sent:
            # The lock is there, so this is the latest state, and nothing changes it any more.
            condition.ensure(edit_of((await self._reading.get(viewer, comment_id)).body))
        return locked

    async def _change_body(self, comment: Comment, body: str) -> None:
        before, body_before = Moderation(comment.moderation), comment.body
        await self._comments.save_body(comment.id, body)
        # A held comment stays held: a moderator decides, even if the banned word has gone.
        must_be_held = before == Moderation.VISIBLE and await self._screening.must_be_held(body)
        held = ModerationChange(before, Moderation.HELD)
        if must_be_held and not await self._apply(comment, held):
            raise PostNotFound
        if cut(body, EXCERPT_LENGTH) != cut(body_before, EXCERPT_LENGTH):
            await self._notifications.publish_changed(comment_ids=[comment.id])
