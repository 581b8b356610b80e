"""What admins do with what people write: hide it, show it, and review what is held."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.admin.enums import UNDONE, Action, HeldKind, TargetType
from app.admin.exceptions import AboutStaff, ChangedMeanwhile, OwnContent
from app.admin.policy import Version, content_version, ensure_unchanged
from app.admin.repository.console.overview import OverviewRepository
from app.admin.rows import AuditRow, HeldRow
from app.admin.schemas import ModeratedComment, ModeratedPost, ModerationDecision
from app.admin.service.changes import ContentState
from app.admin.service.finding import ContentFindingService
from app.admin.service.many import BulkOutcome, LeftOut, ensure_some
from app.admin.service.part import AdminPart, Part
from app.admin.service.permissions import Permissions
from app.comment.exceptions import CommentNotFound
from app.comment.models import Comment
from app.comment.service.moderating import CommentModerationService
from app.core.errors import AppError
from app.core.keyset import FIRST_ID, Page, PageRequest
from app.core.text import cut
from app.image.service.images import ImageService
from app.notification.enums import NotificationType
from app.notification.rows import NewNotification
from app.notification.service.notifications import NotificationService
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.models import Post
from app.post.policy import ModerationChange
from app.post.service.moderating import PostModerationService
from app.runtime.context import Needs
from app.suspension.service.hiding import ContentHidingService

EXCERPT_LENGTH = 60
_HIDDEN = ContentState(Moderation.HIDDEN)
_DECISIONS = {
    *(Action.POST_HIDDEN, Action.POST_RESTORED, Action.COMMENT_HIDDEN, Action.COMMENT_RESTORED)
}


type Content = Post | Comment


@dataclass(frozen=True, slots=True)
class ContentRef:
    """A post or a comment that an admin has chosen."""

    kind: HeldKind
    id: UUID


@dataclass(frozen=True, slots=True)
class _Locked:
    """Posts and comments that an admin has chosen and that are there, locked."""

    comments: Sequence[Comment]
    posts: Sequence[Post]

    threads: Sequence[Comment]
    """The top-level comments that are locked, those above replies too."""

    @property
    def chosen(self) -> Sequence[Content]:
        return [*self.comments, *self.posts]


class ContentAdmin(AdminPart):
    _posts = Needs(PostModerationService)
    _comments = Needs(CommentModerationService)
    _images = Needs(ImageService)
    _notifications = Needs(NotificationService)
    _hiding = Needs(ContentHidingService)
    _overview = Needs(OverviewRepository)
    _finding = Needs(ContentFindingService)
    _permissions = Part(Permissions)

    async def list_held(self, page: PageRequest) -> Page[HeldRow]:
        """Posts and comments that wait for review, the oldest first."""
        page = page.formerly("held_content")
        after_id = page.after_id(start=FIRST_ID)
        rows = await self._overview.list_held(after_id, page.row_limit)
        return page.slice(rows, lambda row: [row.id])

    async def get_post(self, post_id: UUID) -> ModeratedPost:
        """A post that is not deleted, in any state. Raises PostNotFound."""
        post = await self._finding.get_post(post_id)
        return ModeratedPost(**vars(post), **await self._last_decision(TargetType.POST, post_id))

    async def get_comment(self, comment_id: UUID) -> ModeratedComment:
        """A comment that is not deleted, in any state. Raises CommentNotFound."""
        comment = await self._finding.get_comment(comment_id)
        decision = await self._last_decision(TargetType.COMMENT, comment_id)
        return ModeratedComment(**vars(comment), **decision)

    async def _last_decision(self, kind: TargetType, id_: UUID) -> dict[str, Any]:
        """The fields of a ModerationDecision."""
        last = await self._audit.find_last_effective(kind, id_, _DECISIONS)
        values = (last.reason, last.actor, last.created_at) if last else (None, None, None)
        return vars(ModerationDecision(*values))

    async def read_picture(self, address: str) -> bytes:
        """An image by its public address, even while it is hidden. Raises NotFound."""
        return await self._images.read_for_admin(address)

    async def hide(self, item: ContentRef, reason: str, seen: Version | None = None) -> None:
        """Hide a post or comment from everybody, and notify its author once.

        Raises PostNotFound, CommentNotFound, ChangedMeanwhile, AboutStaff.
        """
        before, content, _ = await self._change_one(item, Moderation.HIDDEN, reason, seen)
        if before != _HIDDEN:
            await self._notify_author(content, reason)

    async def restore(self, item: ContentRef, reason: str, seen: Version | None = None) -> bool:
        """Show a hidden or held one.

        Raises PostNotFound, CommentNotFound, ChangedMeanwhile, AboutStaff, OwnContent.
        Returns False while all content of its author is hidden: it is unhidden with the rest.
        """
        _, content, change = await self._change_one(item, Moderation.VISIBLE, reason, seen)
        await self._settle([content])
        return change.after == Moderation.VISIBLE

    async def _change_one(
        self, item: ContentRef, after: Moderation, reason: str, seen: Version | None
    ) -> tuple[ContentState, Content, ModerationChange]:
        """Returns how it was, too. The act is noted, also if it changes nothing."""
        locked = await self._lock_one(item)
        (content,) = locked.chosen
        await self._permissions.ensure(content.author_id, decides=after == Moderation.VISIBLE)
        await self._ensure_unchanged(content, seen)
        self._keep_for_undo(content)
        before = _state_of(content)
        done = await self._moderate_all(locked, {content.id: _change(content, after)})
        change = done[content.id]
        await self._audit.record(
            _action(content, after), content.id, reason, before, _left_by(change)
        )
        return before, content, change

    async def hide_all(
        self, items: Sequence[ContentRef], reason: str, seen: Mapping[UUID, Version] | None = None
    ) -> BulkOutcome:
        """Hide several posts and comments.

        Those that are gone, not as the admin saw them, or an admin's while a moderator acts, are
        left out, and those that are hidden stay as they are. An author finds a notification about
        each, but only the first is pushed: twenty at once would be noise. Raises NothingChosen.
        """
        changed, there, left_out = await self._change_all(items, Moderation.HIDDEN, reason, seen)
        notified = set[UUID | None]()
        for content, _ in changed:
            await self._notify_author(content, reason, push=content.author_id not in notified)
            notified.add(content.author_id)
        return BulkOutcome(len(changed), left_out, there)

    async def restore_all(
        self, items: Sequence[ContentRef], reason: str, seen: Mapping[UUID, Version] | None = None
    ) -> BulkOutcome:
        """As `restore`, for several posts and comments. Leaves out as `hide_all` does.

        One's own are left out, too. Raises NothingChosen.
        """
        done, there, left_out = await self._change_all(items, Moderation.VISIBLE, reason, seen)
        await self._settle(content for content, _ in done)
        withheld = any(change.after != Moderation.VISIBLE for _, change in done)
        return BulkOutcome(len(done), left_out, there, withheld)

    async def _change_all(
        self,
        items: Sequence[ContentRef],
        after: Moderation,
        reason: str,
        seen: Mapping[UUID, Version] | None,
    ) -> tuple[Sequence[tuple[Content, ModerationChange]], Collection[UUID], Sequence[LeftOut]]:
        """Returns what was asked to change, with what became of each.

        Then the ids of these and of those that were so already, and what was left out. What did
        not change is not noted.
        """
        ensure_some(items)
        chosen = set(items)
        locked = await self._lock_all(chosen)
        found = {content.id for content in locked.chosen}
        left_out = [LeftOut("", _gone(item)) for item in chosen if item.id not in found]
        authors = [content.author_id for content in locked.chosen]
        decides = after == Moderation.VISIBLE
        refused = await self._permissions.find_refused(authors, decides=decides)
        there, due = set[UUID](), list[Content]()
        for content in locked.chosen:
            try:
                _ensure_not_refused(content, refused)
                await self._ensure_unchanged(content, seen.get(content.id) if seen else None)
            except (AboutStaff, OwnContent, ChangedMeanwhile) as why:
                left_out.append(LeftOut(_name(content), why))
            else:
                there.add(content.id)
                if _state_of(content) != ContentState(after):
                    due.append(content)
        before = {content.id: _state_of(content) for content in due}
        for content in due:
            self._keep_for_undo(content)
        changes = {content.id: _change(content, after) for content in due}
        done = await self._moderate_all(locked, changes)
        for content in due:
            action, left = _action(content, after), _left_by(done[content.id])
            if left != before[content.id]:
                await self._audit.record(action, content.id, reason, before[content.id], left)
        return [(content, done[content.id]) for content in due], there, left_out

    async def _lock_one(self, item: ContentRef) -> _Locked:
        """Raises PostNotFound, CommentNotFound."""
        locked = await self._lock_all([item])
        if not locked.chosen:
            raise _gone(item)
        return locked

    async def _lock_all(self, items: Collection[ContentRef]) -> _Locked:
        """Lock those that are there, what is above replies, and the posts of comments.

        In the order of all other code: replies, comments, posts. One after the other, with the
        counts between, would end in deadlocks with those who reply or delete. Counts may change in
        the posts, and the message to an author looks at them at the end.
        """
        ids = {kind: {item.id for item in items if item.kind == kind} for kind in HeldKind}
        comments = await self._comments.lock_all(ids[HeldKind.COMMENT])
        posts = await self._posts.lock_all({*ids[HeldKind.POST], *(c.post_id for c in comments)})
        there = {post.id for post in posts}
        return _Locked(
            [
                comment
                for comment in comments
                if comment.id in ids[HeldKind.COMMENT]
                and comment.post_id in there
                and comment.deleted_at is None
            ],
            [post for post in posts if post.id in ids[HeldKind.POST]],
            [comment for comment in comments if comment.parent_id is None],
        )

    async def _moderate_all(
        self, locked: _Locked, changes: Mapping[UUID, ModerationChange]
    ) -> Mapping[UUID, ModerationChange]:
        """Change the moderation of what is locked, by the ids. Returns what became of each."""
        comments = [(each, changes[each.id]) for each in locked.comments if each.id in changes]
        posts = [(each, changes[each.id]) for each in locked.posts if each.id in changes]
        of_comments = await self._comments.change_all(comments, locked.threads)
        of_posts = await self._posts.change_all(posts)
        ids = [*(comment.id for comment, _ in comments), *(post.id for post, _ in posts)]
        return dict(zip(ids, (*of_comments, *of_posts), strict=True))

    async def _settle(self, shown: Iterable[Content]) -> None:
        """A suspension of an author may begin or end at this moment: a job asks it again."""
        for author_id in sorted({c.author_id for c in shown if c.author_id is not None}):
            await self._hiding.begin(author_id)

    async def reverse_all(self, entries: Sequence[AuditRow], kept: Mapping[str, str]) -> None:
        """Give posts and comments their former state.

        Raises ChangedMeanwhile, PostNotFound, CommentNotFound, AboutStaff, OwnContent.
        """
        locked = await self._lock_all(_targets(entries))
        found = {content.id: content for content in locked.chosen}
        for entry in entries:
            _ensure_as_left(entry, found.get(entry.target_id))
        due = {found[e.target_id]: e for e in entries if e.before != e.after}
        await self._ensure_may_reverse(due)
        await self._images.take_back_reviews(kept)
        changes = {content.id: _change_back(content, entry) for content, entry in due.items()}
        done = await self._moderate_all(locked, changes)
        for content, entry in due.items():
            change = done[content.id]
            if change.after == Moderation.HIDDEN:
                await self._put_back_times(content, kept.get(str(content.id), ""))
            action, after = _action(content, change.after), ContentState(**entry.after)
            await self._audit.record(action, content.id, UNDONE, after, _left_by(change))
        await self._settle(content for content in due if done[content.id].is_allowed)

    async def _ensure_may_reverse(self, due: Mapping[Content, AuditRow]) -> None:
        """That the admin may take back what they did to these. Raises AboutStaff, OwnContent.

        Hiding one's own content is not a decision, and neither is taking that back. It is one if
        somebody else has hidden the content, too, since then.
        """
        authors = [content.author_id for content in due]
        refused = await self._permissions.find_refused(authors, decides=False)
        for content, entry in due.items():
            _ensure_not_refused(content, refused)
            if content.author_id == self._admin.user_id:
                last = await self._audit.find_last(TargetType(entry.target_type), content.id)
                is_own_act = last is not None and last.id == entry.id
                await self._permissions.ensure(content.author_id, decides=not is_own_act)

    async def _put_back_times(self, content: Content, kept: str) -> None:
        """What no user had seen is unseen again: to show it took that away."""
        service = self._posts if isinstance(content, Post) else self._comments
        # What an older release kept may be no time: then none is known.
        held_at = None
        with suppress(ValueError):
            held_at = datetime.fromisoformat(kept)
        await service.put_back_times(content.id, held_at)

    async def undo_hiding(self, item: ContentRef, notification_id: UUID, reason: str) -> None:
        """Show what an admin has hidden, unless a later act did.

        `notification_id` is the notification of the act that is undone. Raises PostNotFound,
        CommentNotFound, AboutStaff.
        """
        (content,) = (await self._lock_one(item)).chosen
        if await self._is_hidden_by(content, notification_id):
            await self.restore(item, reason)

    async def _is_hidden_by(self, content: Content, notification_id: UUID) -> bool:
        """Whether it is hidden, and `notification_id` is its author's latest notification about it.

        Lock it first: an act that comes after this look would be undone otherwise.
        """
        is_hidden = content.moderation == Moderation.HIDDEN and not content.hidden_with_author
        if not is_hidden or content.author_id is None:
            return False
        comment = content if isinstance(content, Comment) else None
        return not await self._notifications.has_later_moderation(
            content.author_id,
            notification_id,
            comment.post_id if comment else content.id,
            comment.id if comment else None,
        )

    async def _ensure_unchanged(self, content: Content, seen: Version | None) -> None:
        """That it is as the admin saw it. Raises ChangedMeanwhile."""
        if seen is None:
            return
        if isinstance(content, Comment):
            now = content_version(content.moderation, None, content.body)
        else:
            images = await self._overview.list_thumbnails_of(content.id)
            now = content_version(content.moderation, content.title, content.body, images)
        ensure_unchanged(seen, now)

    def _keep_for_undo(self, content: Content) -> None:
        self._audit.keep_for_undo(
            content.id, content.held_at.isoformat() if content.held_at else ""
        )

    async def _notify_author(self, content: Content, reason: str, *, push: bool = True) -> None:
        """Say why, and quote the text: its author can no longer see it."""
        if content.author_id is None:
            return
        comment = content if isinstance(content, Comment) else None
        await self._notifications.notify(
            NewNotification(
                recipient_id=content.author_id,
                type=NotificationType.MODERATION,
                post_id=comment.post_id if comment else content.id,
                comment_id=comment.id if comment else None,
                parent_id=comment.parent_id if comment else None,
                params={
                    "what": cut(_name(content), EXCERPT_LENGTH),
                    "body": reason,
                },
            ),
            push=push,
            by=self._admin.user_id,
        )


def _gone(item: ContentRef) -> AppError:
    return PostNotFound() if item.kind == HeldKind.POST else CommentNotFound()


def _name(content: Content) -> str:
    return content.title if isinstance(content, Post) else content.body


def _state_of(content: Content) -> ContentState:
    """What is hidden with its author's whole content is not hidden for its own sake."""
    return ContentState(content.moderation, content.hidden_with_author or None)


def _left_by(change: ModerationChange) -> ContentState:
    return ContentState(change.after, change.with_author or None)


def _change(content: Content, after: Moderation) -> ModerationChange:
    return ModerationChange(Moderation(content.moderation), after)


def _change_back(content: Content, entry: AuditRow) -> ModerationChange:
    """Back to what it was before the act of an entry."""
    before = ContentState(**entry.before)
    return ModerationChange(
        Moderation(content.moderation),
        Moderation(before.moderation),
        with_author=bool(before.with_author),
    )


def _targets(entries: Iterable[AuditRow]) -> Collection[ContentRef]:
    """The posts and comments that entries are about."""
    kinds = {TargetType.POST: HeldKind.POST, TargetType.COMMENT: HeldKind.COMMENT}
    return [ContentRef(kinds[TargetType(e.target_type)], e.target_id) for e in entries]


def _ensure_not_refused(content: Content, refused: Mapping[UUID, AppError]) -> None:
    """Raises what `Permissions.find_refused` says of its author."""
    if content.author_id is not None and (why := refused.get(content.author_id)) is not None:
        raise why


def _ensure_as_left(entry: AuditRow, content: Content | None) -> None:
    """That a thing is there, and as an act has left it."""
    if content is None:
        raise PostNotFound if entry.target_type == TargetType.POST else CommentNotFound
    if _state_of(content) != ContentState(**entry.after):
        raise ChangedMeanwhile


def _action(content: Content, state: Moderation) -> Action:
    """What an entry calls a change to a state. A held text goes back behind its review."""
    is_post = isinstance(content, Post)
    if state == Moderation.HIDDEN:
        return Action.POST_HIDDEN if is_post else Action.COMMENT_HIDDEN
    return Action.POST_RESTORED if is_post else Action.COMMENT_RESTORED
