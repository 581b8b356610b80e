"""What admins do with what people write: hide it, show it, and review what is held."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from app.notification.service import NewNotification, NotificationService, shown_params
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.models import Post
from app.post.policy import ModerationChange
from app.post.service import PostModerationService
from app.runtime.context import Context, Needs
from app.sanction.service import ContentHidingService
from app.user.policy import Viewer

HELD = "held_content"
EXCERPT_LENGTH = 60
MOST_AT_ONCE = 20
"""Posts and comments that one form hides or restores: as many as a page shows."""

_WITH_AUTHOR = "with_author"
"""Kept for undo: it was hidden only because its author's whole content is."""

_HIDDEN, _VISIBLE = ContentState(Moderation.HIDDEN), ContentState(Moderation.VISIBLE)


type Content = Post | Comment


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

    def __init__(self, ctx: Context, audit: AuditLog, admin: Viewer) -> None:
        self._ctx = ctx
        self._audit = audit
        self._admin = admin
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
            await self._tell_author(post, reason)

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
        if before != Moderation.HIDDEN or was_with_author:
            await self._tell_author(comment, reason)

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
        changed = await self._change_all(items, Moderation.HIDDEN)
        for number, (content, before) in enumerate(changed):
            action = _action(content, Moderation.HIDDEN)
            await self._audit.record(action, content.id, reason, before, _HIDDEN)
            await self._tell_author(content, reason, push=number == 0)

    async def restore_all(self, items: Sequence[ContentRef], reason: str) -> None:
        """Show several posts and comments, but for those that are gone. Raises NothingChosen."""
        for content, before in await self._change_all(items, Moderation.VISIBLE):
            action = _action(content, Moderation.VISIBLE)
            await self._audit.record(action, content.id, reason, before, _VISIBLE)

    async def _change_all(
        self, items: Sequence[ContentRef], after: Moderation
    ) -> Sequence[tuple[Content, ContentState]]:
        """Returns what was changed, with what it was before."""
        found = await self._lock_all(_chosen(items))
        due = [content for content in found if _can_become(content, after)]
        before = [ContentState(content.moderation) for content in due]
        for content in due:
            self._keep_for_undo(content)
        await self._moderate_all((content, after) for content in due)
        return list(zip(due, before, strict=True))

    async def _lock_all(self, items: Collection[ContentRef]) -> Sequence[Content]:
        """Lock those that are there, and the posts of comments: the counts there change.

        In the order of all other code: replies, comments, posts. One after the other, with the
        counts between, would end in deadlocks with those who reply or delete.
        """
        ids = {kind: {item.id for item in items if item.kind == kind} for kind in HeldKind}
        comments = await self._comments.lock_all(ids[HeldKind.COMMENT])
        of_comments = {comment.post_id for comment in comments}
        posts = await self._posts.lock_all(ids[HeldKind.POST] | of_comments)
        there = {post.id for post in posts}
        return [
            *(comment for comment in comments if comment.post_id in there),
            *(post for post in posts if post.id in ids[HeldKind.POST]),
        ]

    async def _moderate_all(self, changes: Iterable[tuple[Content, Moderation]]) -> None:
        """Change the moderation of what `_lock_all` has locked."""
        due = [(c, ModerationChange(Moderation(c.moderation), after)) for c, after in changes]
        comments = [(c, by) for c, by in due if isinstance(c, Comment)]
        posts = [(c, by) for c, by in due if isinstance(c, Post)]
        # Those of both at once, in one order: their owners may be marking them as read.
        await self._notifications.lock_about([p.id for p, _ in posts], [c.id for c, _ in comments])
        await self._comments.change_all(comments)
        await self._posts.change_all(posts)

    async def reverse_all(self, entries: Sequence[AuditRow], kept: Mapping[str, str]) -> None:
        """Give posts and comments their former state.

        Raises ChangedMeanwhile, PostNotFound, CommentNotFound.
        """
        found = {content.id: content for content in await self._lock_all(_targets(entries))}
        with_author = {id_ for id_ in found if kept.get(str(id_)) == _WITH_AUTHOR}
        for entry in entries:
            _ensure_as_left(entry, found.get(entry.target_id))
        due = [e for e in entries if e.before != e.after or e.target_id in with_author]
        await self._images.take_back_reviews(kept)
        await self._moderate_all((found[e.target_id], _before(e)) for e in due)
        for entry in due:
            content = found[entry.target_id]
            if content.id in with_author:
                await self._hide_with_author(content)
            before, after = ContentState(**entry.before), ContentState(**entry.after)
            action = _action(content, _before(entry))
            await self._audit.record(action, content.id, UNDONE, after, before)

    async def _hide_with_author(self, content: Content) -> None:
        """If the suspension has ended meanwhile, the job shows it."""
        service = self._posts if isinstance(content, Post) else self._comments
        await service.mark_hidden_with_author(content.id)
        if content.author_id is not None:
            await self._hiding.begin(content.author_id)

    async def undo_hiding_of_post(self, post_id: UUID, told_id: UUID, reason: str) -> None:
        """Show a post that an admin has hidden, unless a later act did.

        `told_id` is the notification of the act that is undone. Raises PostNotFound.
        """
        post = await self._posts.lock(post_id)
        if await self._is_hidden_by(post, told_id):
            await self.restore_post(post_id, reason)
            await self._hiding.begin(post.author_id)

    async def undo_hiding_of_comment(self, comment_id: UUID, told_id: UUID, reason: str) -> None:
        """As `undo_hiding_of_post`. Raises CommentNotFound."""
        comment = await self._comments.lock(comment_id)
        if await self._is_hidden_by(comment, told_id):
            await self.restore_comment(comment_id, reason)
            if comment.author_id is not None:
                await self._hiding.begin(comment.author_id)

    async def _is_hidden_by(self, content: Content, told_id: UUID) -> bool:
        """Whether it is hidden, and its author was told of no later act than `told_id` tells.

        Lock it first: an act that comes after this look would be undone otherwise.
        """
        is_hidden = content.moderation == Moderation.HIDDEN and not content.hidden_with_author
        if not is_hidden or content.author_id is None:
            return False
        comment = content if isinstance(content, Comment) else None
        return not await self._notifications.has_later_moderation(
            content.author_id,
            told_id,
            comment.post_id if comment else content.id,
            comment.id if comment else None,
        )

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
        """As `_lock_post`. Raises CommentNotFound.

        Its post is locked too, before notifications are: not every change counts there, and the
        message to the author looks at it at the end.
        """
        comments = await self._comments.lock_all([comment_id])
        if not await self._posts.lock_all([comment.post_id for comment in comments]):
            raise CommentNotFound
        (comment,) = comments
        ensure_unchanged(seen, content_version(comment.moderation, None, comment.body))
        self._keep_for_undo(comment)
        return comment.hidden_with_author

    def _keep_for_undo(self, content: Content) -> None:
        self._audit.keep_for_undo(content.id, _WITH_AUTHOR if content.hidden_with_author else "")

    async def _tell_author(self, content: Content, reason: str, *, push: bool = True) -> None:
        """Say why, and quote the text: its author can no longer see it."""
        if content.author_id is None:
            return
        comment = content if isinstance(content, Comment) else None
        text = content.title if isinstance(content, Post) else content.body
        # If the comment is shown again, the message opens it only while its post is shown, too.
        post_shown = await self._posts.keep_shown(comment.post_id) if comment else None
        await self._notifications.notify(
            NewNotification(
                recipient_id=content.author_id,
                type=NotificationType.MODERATION,
                post_id=comment.post_id if comment else content.id,
                comment_id=comment.id if comment else None,
                parent_id=comment.parent_id if comment else None,
                params={
                    "what": cut(text, EXCERPT_LENGTH),
                    "body": reason,
                    **shown_params(post=post_shown),
                },
            ),
            push=push,
            by=self._admin.user_id,
        )


def _chosen(items: Sequence[ContentRef]) -> Collection[ContentRef]:
    """Raises NothingChosen."""
    chosen = set(items)
    if not 0 < len(chosen) <= MOST_AT_ONCE:
        raise NothingChosen
    return chosen


def _can_become(content: Content, state: Moderation) -> bool:
    """Whether something is in another state.

    What is hidden with its author's whole content can still be hidden for its own sake.
    """
    is_own = not (state == Moderation.HIDDEN and content.hidden_with_author)
    return content.moderation != state or not is_own


def _targets(entries: Iterable[AuditRow]) -> Collection[ContentRef]:
    """The posts and comments that entries are about."""
    kinds = {TargetType.POST: HeldKind.POST, TargetType.COMMENT: HeldKind.COMMENT}
    return [ContentRef(kinds[TargetType(e.target_type)], e.target_id) for e in entries]


def _ensure_as_left(entry: AuditRow, content: Content | None) -> None:
    """That a thing is there, and as an act has left it."""
    if content is None:
        raise PostNotFound if entry.target_type == TargetType.POST else CommentNotFound
    if content.moderation != ContentState(**entry.after).moderation:
        raise ChangedMeanwhile


def _before(entry: AuditRow) -> Moderation:
    return Moderation(ContentState(**entry.before).moderation)


def _action(content: Content, state: Moderation) -> Action:
    """What an entry calls a change to a state. A held text goes back behind its review."""
    is_post = isinstance(content, Post)
    if state == Moderation.HIDDEN:
        return Action.POST_HIDDEN if is_post else Action.COMMENT_HIDDEN
    return Action.POST_RESTORED if is_post else Action.COMMENT_RESTORED
