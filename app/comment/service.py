"""The use cases of comments: writing them, telling whom they concern, reading, deleting."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.comment.exceptions import CommentNotFound, InvalidParent
from app.comment.models import Comment
from app.comment.repository import CommentRepository, in_batches
from app.comment.schemas import CommentCreate, CommentUpdate
from app.core.keyset import FIRST_ID, LAST_ID, PageRequest, Row, Slice
from app.core.text import cut
from app.lounge.service import LoungeService
from app.notification.enums import NotificationType
from app.notification.service import NewNotification, NotificationService
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.policy import ensure_author
from app.post.service import PostService, Topic
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.screening.service import ScreeningService
from app.user.policy import Viewer
from app.user.schemas import author_json, nobody
from app.user.service import UserService

MINE = "comments:mine"
EXCERPT_LENGTH = 120

type CommentPage = Slice[dict[str, Any]]


class CommentService:
    _users = Needs(UserService)
    _posts = Needs(PostService)
    _lounges = Needs(LoungeService)
    _notifications = Needs(NotificationService)
    _screening = Needs(ScreeningService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._comments = CommentRepository(ctx.session)

    # Reading

    async def list_top_level(self, viewer: Viewer, post_id: UUID, page: PageRequest) -> CommentPage:
        """A post's comments, the oldest first. Raises PostNotFound."""
        name = f"comments:{post_id}"
        after_id = page.after_id(name, start=FIRST_ID)
        rows = await self._comments.list_top_level(
            viewer.user_id, post_id, after_id, page.row_limit
        )
        if not rows:
            await self._posts.ensure_visible(viewer, post_id)
        return self._page(page, name, rows)

    async def list_replies(
        self, viewer: Viewer, post_id: UUID, parent_id: UUID, page: PageRequest
    ) -> CommentPage:
        """The replies to one comment. Raises PostNotFound, CommentNotFound."""
        name = f"comments:{post_id}:{parent_id}"
        after_id = page.after_id(name, start=FIRST_ID)
        parent = await self._comments.find_visible(viewer.user_id, parent_id)
        if parent is None or parent["post_id"] != post_id:
            await self._posts.ensure_visible(viewer, post_id)
            raise CommentNotFound
        rows = await self._comments.list_replies(
            viewer.user_id, post_id, parent_id, after_id, page.row_limit
        )
        if not rows:
            await self._posts.ensure_visible(viewer, post_id)
        return self._page(page, name, rows)

    async def list_mine(self, viewer: Viewer, page: PageRequest) -> CommentPage:
        """The viewer's own comments, the newest first."""
        after_id = page.after_id(MINE, start=LAST_ID)
        rows = await self._comments.list_of_author(viewer.user_id, after_id, page.row_limit)
        return self._page(page, MINE, rows)

    async def get(self, viewer: Viewer, comment_id: UUID) -> dict[str, Any]:
        """Raises CommentNotFound."""
        row = await self._comments.find_visible(viewer.user_id, comment_id)
        if row is None:
            raise CommentNotFound
        return comment_json(row, self._ctx.storage.url)

    async def copy(self, viewer: Viewer, comment_id: UUID) -> tuple[dict[str, Any], UUID]:
        """What a report keeps of a comment, and who wrote it. Raises CommentNotFound."""
        row = await self._comments.find_visible(viewer.user_id, comment_id)
        if row is None or row["deleted_at"] is not None:
            raise CommentNotFound
        copied = {
            "id": str(comment_id),
            "post_id": str(row["post_id"]),
            "body": row["body"],
            "author": row["author_nickname"],
        }
        return copied, row["author_id"]

    # Writing

    async def write(self, viewer: Viewer, post_id: UUID, form: CommentCreate) -> dict[str, Any]:
        """Comment on a post, or reply; with a banned word in it, it is held for a moderator.

        Raises PostNotFound, LoungeClosed, InvalidParent, NewAccountLink.

        Those whom it concerns are told in the same transaction. The counts come last: the post
        is the row that everybody waits for.
        """
        await self._users.begin_write(viewer)
        post = await self._posts.get(viewer, post_id)
        await self._lounges.ensure_open(post["lounge"]["id"])
        parent = await self._find_parent(viewer, post_id, form.parent_id)
        await self._screening.ensure_may_link(viewer.user_id, form.body)
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
        if comment.moderation == Moderation.VISIBLE:
            topic = Topic(post["author"]["id"], post["title"], post["lounge"]["id"])
            await self._tell(comment, topic, parent["author_id"] if parent else None)
            if parent is not None and not await self._comments.count_new_reply(parent["id"]):
                raise InvalidParent
            await self._posts.change_comment_count(post_id, 1)
        written = await self._comments.find_visible(viewer.user_id, comment.id)
        if written is None:
            # The post was hidden while this comment was being written.
            raise PostNotFound
        return comment_json(written, self._ctx.storage.url)

    async def update(
        self, viewer: Viewer, comment_id: UUID, changes: CommentUpdate
    ) -> dict[str, Any]:
        """Change one's own comment. Raises CommentNotFound, NotAuthor, NewAccountLink."""
        comment = await self._lock_own(viewer, comment_id)
        if changes.body is not None:
            await self._screening.ensure_may_link(viewer.user_id, changes.body)
            await self._records.note(Act.CHANGED, Subject.COMMENT, comment_id, viewer.user_id)
            await self._change_body(comment, changes.body)
        return await self.get(viewer, comment_id)

    async def delete(self, viewer: Viewer, comment_id: UUID) -> None:
        """Delete one's own comment; with replies it stays as an empty place-holder.

        Raises CommentNotFound, NotAuthor, and PostNotFound if the post goes at the same moment.
        """
        comment = await self._lock_own(viewer, comment_id)
        was_counted = comment.moderation == Moderation.VISIBLE
        await self._comments.bury(comment_id, self._ctx.clock())
        # A held one leaves nothing to review: its place-holder brings its replies back into sight.
        await self._count(comment, -1 if was_counted else comment.reply_count)
        # After the post's row, as where a post is deleted: in another order they would deadlock.
        await self._notifications.set_comment_hidden(comment_id, hidden=True)

    # What leaving needs.

    async def bury_all_of(self, author_id: UUID, now: datetime) -> Mapping[UUID, int]:
        """Soft-deletes a leaver's comments; one with replies stays as an empty place-holder.

        Returns by how much the `comment_count` of each post changes; `PostService.bury_all_of`
        changes them. Every number comes from rows that are locked, as they were when locked:
        a count that is taken before or after sees another moment.
        """
        lost = await self._bury_replies_of(author_id, now)
        changes: Counter[UUID] = Counter()
        for top_ids in in_batches({*await self._comments.list_top_ids_of(author_id), *lost}):
            tops = await self._comments.lock_all(top_ids)
            fewer = {top_id: lost[top_id] for top_id in top_ids if lost[top_id]}
            await self._comments.uncount_replies(fewer)
            own_ids = [top["id"] for top in tops if _is_own(top, author_id)]
            await self._comments.bury_all(own_ids, now)
            for top in tops:
                changes[top["post_id"]] += _change_by_leaving(top, author_id, lost[top["id"]])
        return {post_id: change for post_id, change in changes.items() if change}

    async def _bury_replies_of(self, author_id: UUID, now: datetime) -> Counter[UUID]:
        """How many replies each comment loses of those that it counts."""
        lost: Counter[UUID] = Counter()
        async for replies in self._comments.lock_replies_of(author_id):
            counted = [one for one in replies if one["moderation"] == Moderation.VISIBLE]
            lost.update(reply["parent_id"] for reply in counted)
            await self._comments.bury_all([reply["id"] for reply in replies], now)
        return lost

    async def erase_all_of(self, author_id: UUID) -> None:
        """Deletes a leaver's comments and all comments on their posts; a place-holder stays, and
        nothing tells whose it was.
        """
        await self._comments.erase_all_of(author_id)

    # What moderators do; who may is asked above.

    async def lock(self, comment_id: UUID) -> Comment:
        """Lock a comment until the transaction ends. Raises CommentNotFound for a deleted one."""
        return await self._comments.lock(comment_id)

    async def hide(self, comment_id: UUID) -> tuple[Comment, Moderation]:
        """Take a comment out of everybody's sight; also what it was before.

        Raises CommentNotFound for a deleted one.
        """
        return await self._moderate(comment_id, Moderation.HIDDEN)

    async def restore(self, comment_id: UUID) -> tuple[Comment, Moderation]:
        """Show what was hidden or held; also which. Raises CommentNotFound for a deleted one."""
        return await self._moderate(comment_id, Moderation.VISIBLE)

    async def _moderate(
        self, comment_id: UUID, moderation: Moderation
    ) -> tuple[Comment, Moderation]:
        comment = await self._comments.lock(comment_id)
        before = Moderation(comment.moderation)
        if before == moderation:
            return comment, before
        await self._comments.set_moderation(comment_id, moderation)
        if moderation == Moderation.VISIBLE:
            await self._count(comment, 1 + comment.reply_count)
        elif before == Moderation.VISIBLE:
            await self._count(comment, -1 - comment.reply_count)
        gone = moderation == Moderation.HIDDEN
        await self._notifications.set_comment_hidden(comment_id, hidden=gone)
        if before == Moderation.HELD and moderation == Moderation.VISIBLE:
            await self._tell_of_released(comment)
        return comment, before

    async def _tell_of_released(self, comment: Comment) -> None:
        """Notify of a released comment, unless that was done before it was held.

        What its author sees does not matter: they may have muted the post since.
        """
        topic = await self._posts.find_topic(comment.post_id)
        if topic is None or await self._notifications.has_notified_of_comment(comment.id):
            return
        if comment.parent_id is None:
            await self._tell(comment, topic, None)
            return
        parent = await self._comments.get_state(comment.parent_id)
        # A reply to what is hidden or held is out of sight with it. One to a deleted comment is
        # in sight, and its post's author is told; for the parent's author there is nothing left.
        if parent["moderation"] == Moderation.VISIBLE:
            is_deleted = parent["deleted_at"] is not None
            await self._tell(comment, topic, None if is_deleted else parent["author_id"])

    async def _lock_own(self, viewer: Viewer, comment_id: UUID) -> Comment:
        await self._users.begin_write(viewer)
        row = await self._comments.find_visible(viewer.user_id, comment_id)
        if row is None or row["deleted_at"] is not None:
            raise CommentNotFound
        ensure_author(viewer, row["author_id"])
        return await self._comments.lock(comment_id)

    async def _screen(self, body: str) -> Moderation:
        must_be_held = await self._screening.must_be_held(body)
        return Moderation.HELD if must_be_held else Moderation.VISIBLE

    async def _change_body(self, comment: Comment, body: str) -> None:
        await self._comments.save_body(comment.id, body)
        must_be_held = await self._screen(body) == Moderation.HELD
        if must_be_held and comment.moderation == Moderation.VISIBLE:
            await self._comments.set_moderation(comment.id, Moderation.HELD)
            await self._count(comment, -1 - comment.reply_count)
            await self._notifications.set_comment_hidden(comment.id, hidden=True)

    async def _find_parent(
        self, viewer: Viewer, post_id: UUID, parent_id: UUID | None
    ) -> Row | None:
        if parent_id is None:
            return None
        parent = await self._comments.find_parent(viewer.user_id, post_id, parent_id)
        if parent is None:
            raise InvalidParent
        return parent

    async def _tell(self, comment: Comment, topic: Topic, parent_author_id: UUID | None) -> None:
        """The parent's author of a reply, the post's author of a comment, and nobody twice."""
        recipients = {
            topic.author_id: NotificationType.COMMENT,
            parent_author_id: NotificationType.REPLY,
        }
        for recipient_id, kind in recipients.items():
            if recipient_id is None or recipient_id == comment.author_id:
                continue
            # Who has muted the post, or blocked its author, hears nothing of it.
            if await self._posts.may_be_told(recipient_id, comment.post_id):
                await self._notifications.notify(_notification(recipient_id, kind, comment, topic))

    async def _count(self, comment: Comment, by: int) -> None:
        """Change the counts by what comes into sight or leaves it: a comment takes its replies
        along, and a reply whose parent is out of sight is not counted on the post.
        """
        if by == 0:
            return
        if comment.parent_id is not None and not await self._comments.change_reply_count(
            comment.parent_id, by
        ):
            return
        await self._posts.change_comment_count(comment.post_id, by)

    def _page(self, page: PageRequest, name: str, rows: Sequence[Row]) -> CommentPage:
        found = page.page(name, rows, lambda row: [row["id"]])
        return found.map(lambda row: comment_json(row, self._ctx.storage.url))


def _is_own(top: Row, author_id: UUID) -> bool:
    return top["author_id"] == author_id and top["deleted_at"] is None


def _change_by_leaving(top: Row, author_id: UUID, lost: int) -> int:
    """By how much a post's count changes with a thread that loses replies, and its top-level
    comment too if that is the leaver's own. `top` is as it was before.
    """
    is_own = _is_own(top, author_id)
    if top["moderation"] == Moderation.VISIBLE:
        return -lost - is_own
    if is_own and top["moderation"] == Moderation.HELD:
        # Nothing is left to review: the place-holder brings the other replies back into sight.
        return int(top["reply_count"]) - lost
    return 0


def _notification(
    recipient_id: UUID, kind: NotificationType, comment: Comment, topic: Topic
) -> NewNotification:
    return NewNotification(
        recipient_id=recipient_id,
        type=kind,
        actor_id=comment.author_id,
        post_author_id=topic.author_id,
        post_id=comment.post_id,
        comment_id=comment.id,
        lounge_id=topic.lounge_id,
        params={"post": topic.title, "body": cut(comment.body, EXCERPT_LENGTH)},
    )


def comment_json(row: Row, url: Callable[[str], str]) -> dict[str, Any]:
    """A Comment, ready to serialise."""
    deleted = row["deleted_at"] is not None
    return {
        "id": row["id"],
        "post_id": row["post_id"],
        "parent_id": row["parent_id"],
        "author": nobody() if deleted else author_json(row, url),
        "body": row["body"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "deleted": deleted,
        "moderation": row["moderation"],
        "reply_count": row["reply_count"],
    }
