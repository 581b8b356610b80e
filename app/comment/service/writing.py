"""Writing comments: write, change, delete."""

from uuid import UUID

from app.comment.exceptions import InvalidParent
from app.comment.models import Comment
from app.comment.repository import CommentReader, CommentRepository
from app.comment.rows import CommentRow, Parent
from app.comment.schemas import CommentCreate, CommentUpdate
from app.comment.service.counting import CommentCountService
from app.comment.service.moderating import CommentModerationService
from app.comment.service.notifying import CommentNotifier
from app.comment.service.reading import CommentService
from app.lounge.service import LoungeService
from app.notification.service import NotificationService
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.policy import ModerationChange, ensure_author, screened
from app.post.service import PostCountService, PostService
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.screening.service import ScreeningService
from app.user.policy import Viewer
from app.user.service import UserService


class CommentWritingService:
    _reading = Needs(CommentService)
    _moderation = Needs(CommentModerationService)
    _counts = Needs(CommentCountService)
    _notifier = Needs(CommentNotifier)
    _users = Needs(UserService)
    _posts = Needs(PostService)
    _post_counts = Needs(PostCountService)
    _lounges = Needs(LoungeService)
    _notifications = Needs(NotificationService)
    _screening = Needs(ScreeningService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._comments = CommentRepository(ctx.session)
        self._reader = CommentReader(ctx.session, ctx.media_url)

    async def write(self, viewer: Viewer, post_id: UUID, form: CommentCreate) -> CommentRow:
        """Comment on a post, or reply. A comment with a banned word is held for a moderator.

        Notifications are written in the same transaction. Raises PostNotFound, LoungeClosed,
        InvalidParent, NewAccountLink.
        """
        await self._users.begin_write(viewer)
        topic = await self._posts.get_topic(viewer, post_id)
        await self._lounges.ensure_open(topic.lounge_id)
        parent = await self._find_parent(viewer, post_id, form.parent_id)
        await self._screening.ensure_may_link(viewer.user_id, form.body)
        comment = await self._add(viewer, post_id, form)
        if comment.moderation == Moderation.VISIBLE:
            await self._notifier.notify(comment, topic, parent.author_id if parent else None)
            await self._count_new(comment)
        written = await self._reading.find(viewer, comment.id)
        if written is None:
            # The post was hidden while this comment was being written.
            raise PostNotFound
        return written

    async def update(self, viewer: Viewer, comment_id: UUID, changes: CommentUpdate) -> CommentRow:
        """Change the viewer's own comment. Raises CommentNotFound, NotAuthor, NewAccountLink."""
        comment = await self._lock_own(viewer, comment_id)
        if changes.body is not None:
            await self._screening.ensure_may_link(viewer.user_id, changes.body)
            await self._records.note(Act.CHANGED, Subject.COMMENT, comment_id, viewer.user_id)
            await self._change_body(comment, changes.body)
        return await self._reading.get(viewer, comment_id)

    async def delete(self, viewer: Viewer, comment_id: UUID) -> None:
        """Delete the viewer's own comment. With replies it stays as an empty place-holder.

        Raises CommentNotFound, NotAuthor, and PostNotFound if the post is deleted meanwhile.
        """
        comment = await self._lock_own(viewer, comment_id)
        was_counted = comment.moderation == Moderation.VISIBLE
        await self._comments.soft_delete(comment_id, self._ctx.clock())
        # The place-holder of a held comment is visible, so its replies are visible again.
        await self._counts.change(comment, -1 if was_counted else comment.reply_count)
        # After the post's row, as where a post is deleted: the other order would deadlock.
        await self._notifications.set_comment_hidden(comment_id, hidden=True)

    async def _find_parent(
        self, viewer: Viewer, post_id: UUID, parent_id: UUID | None
    ) -> Parent | None:
        if parent_id is None:
            return None
        parent = await self._reader.find_parent(viewer.user_id, post_id, parent_id)
        if parent is None:
            raise InvalidParent
        return parent

    async def _add(self, viewer: Viewer, post_id: UUID, form: CommentCreate) -> Comment:
        comment = await self._comments.add(
            Comment(
                post_id=post_id,
                parent_id=form.parent_id,
                author_id=viewer.user_id,
                body=form.body,
                moderation=await self._screen(form.body),
            )
        )
        await self._records.note(Act.CREATED, Subject.COMMENT, comment.id, viewer.user_id)
        return comment

    async def _count_new(self, comment: Comment) -> None:
        """Raises InvalidParent, PostNotFound for what was deleted or hidden meanwhile."""
        if comment.parent_id is not None:
            await self._comments.count_new_reply(comment.parent_id)
        await self._post_counts.change_comment_count(comment.post_id, 1)

    async def _lock_own(self, viewer: Viewer, comment_id: UUID) -> Comment:
        await self._users.begin_write(viewer)
        comment = await self._reading.get(viewer, comment_id)
        ensure_author(viewer, comment.author.id)
        return await self._comments.lock(comment_id)

    async def _change_body(self, comment: Comment, body: str) -> None:
        before = Moderation(comment.moderation)
        await self._comments.save_body(comment.id, body)
        # A held comment stays held: a moderator decides, even if the banned word has gone.
        if before == Moderation.VISIBLE:
            change = ModerationChange(before, await self._screen(body))
            await self._moderation.change(comment, change)

    async def _screen(self, body: str) -> Moderation:
        return screened(must_be_held=await self._screening.must_be_held(body))
