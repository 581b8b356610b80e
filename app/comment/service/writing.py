"""Writing a new comment: guard, decide, write (ADR 0053)."""

from collections.abc import Sequence
from uuid import UUID

from app.comment.exceptions import InvalidParent
from app.comment.repository.writing import CommentWriter
from app.comment.rows import Comment, CommentGuard, NewComment
from app.comment.schemas import CommentCreate
from app.comment.service.notifying import recipients
from app.core.idempotency import Answer, KeyedRequest
from app.core.json import to_json
from app.core.links import comment_url
from app.lounge.exceptions import LoungeClosed
from app.notification.rows import PreparedNotification
from app.post.exceptions import PostNotFound
from app.post.policy import screened
from app.post.rows import NotifiedPost
from app.runtime.context import Needs, Service
from app.screening.service import ScreeningService
from app.user.policy import Viewer
from app.user.rows import CallerRow
from app.user.service.sessions import SessionService

WRITE_ATTEMPTS = 3
"""How often guard and write run.

A write that writes nothing means that something changed after the guard. The next guard reads the
change: the rule that now forbids the comment raises its error, or the key has its answer. Three,
because two changes can follow each other.
"""


class CommentWritingService(Service):
    _screening = Needs(ScreeningService)
    _sessions = Needs(SessionService)
    _comments = Needs(CommentWriter)

    async def write(self, viewer: Viewer, post_id: UUID, form: CommentCreate) -> Comment:
        """Comment on a post, or reply. A comment with a banned word is held for a moderator.

        Notifications are written in the same statement. Raises PostNotFound, LoungeClosed,
        InvalidParent, NewAccountLink, RateLimited, and what an AUTHOR is refused for.
        """
        written, _ = await self._write(viewer, post_id, form, None)
        assert written is not None  # Only a key has an earlier answer.
        return written.row

    async def write_once(
        self, viewer: Viewer, post_id: UUID, form: CommentCreate, keyed: KeyedRequest | None
    ) -> Answer:
        """Like `write`, once for each key. A retry gets the first answer again.

        Raises IdempotencyInProgress, IdempotencyKeyReused too.
        """
        _, answer = await self._write(viewer, post_id, form, keyed)
        return answer

    async def _write(
        self, viewer: Viewer, post_id: UUID, form: CommentCreate, keyed: KeyedRequest | None
    ) -> tuple[NewComment | None, Answer]:
        """The comment, if it was written now, and the answer that a key keeps."""
        now, started_after = self._ctx.clock(), self._sessions.oldest_start()
        for attempt in range(WRITE_ATTEMPTS):
            guard = await self._comments.guard(
                viewer, post_id, form.parent_id, started_after, keyed, now
            )
            author = self._sessions.admit_author(viewer, guard.caller)
            if (earlier := guard.kept.answer_to(keyed)) is not None:
                return None, earlier
            new = await self._decide(guard, author, post_id, form)
            if attempt == 0:
                await self._screening.count_comment(viewer.user_id, author.member_since)
            answer = _answer(new)
            if await self._comments.write(viewer, new, self._ctx.origin, keyed, answer, now):
                return new, answer
        # Each guard has found the post, and no write has.
        raise PostNotFound

    async def _decide(
        self, guard: CommentGuard, author: CallerRow, post_id: UUID, form: CommentCreate
    ) -> NewComment:
        """The comment to write. Raises the error of the first rule that forbids it."""
        post = _allowed_post(guard, is_reply=form.parent_id is not None)
        self._screening.ensure_member_may_link(author.member_since, form.body)
        must_be_held = await self._screening.must_be_held_by(guard.words_version, form.body)
        row = Comment(
            id=guard.comment_id,
            post_id=post_id,
            parent_id=form.parent_id,
            author=author.author,
            body=form.body,
            created_at=guard.now,
            updated_at=guard.now,
            deleted=False,
            moderation=screened(must_be_held=must_be_held),
            reply_count=0,
            url=comment_url(self._ctx.base_url, post_id, guard.comment_id),
        )
        # A held comment notifies when a moderator releases it.
        prepared = [] if must_be_held else _prepared(guard, row.author.id, post)
        return NewComment(row, post, prepared, guard.has_watcher and not must_be_held)


def _allowed_post(guard: CommentGuard, *, is_reply: bool) -> NotifiedPost:
    """What is commented on, if the author may. Raises the error if they may not."""
    if guard.post is None:
        raise PostNotFound
    if guard.is_closed:
        raise LoungeClosed
    if is_reply and guard.parent_author_id is None:
        raise InvalidParent
    return guard.post


def _prepared(
    guard: CommentGuard, author_id: UUID | None, post: NotifiedPost
) -> Sequence[PreparedNotification]:
    """The notifications to write. The guard has made an id for each of the two at most."""
    kinds = recipients(author_id, post.author_id, guard.parent_author_id)
    ids = guard.notification_ids
    return [
        PreparedNotification(notification_id, user_id, kind)
        for notification_id, (user_id, kind) in zip(ids, kinds.items(), strict=False)
    ]


def _answer(new: NewComment) -> Answer:
    return Answer(201, None, to_json(new.row))
