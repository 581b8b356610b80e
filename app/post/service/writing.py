"""Writing a new post: guard, decide, write (ADR 0053)."""

from uuid import UUID

import orjson

from app.core.errors import Overloaded, RateLimited
from app.core.idempotency import Answer, KeyedRequest
from app.core.json import to_json
from app.core.links import post_url
from app.core.viewer_fields import unmarked
from app.image.exceptions import ImageNotAvailable
from app.lounge.exceptions import LoungeClosed, LoungeNotFound
from app.lounge.rows import LoungeRef
from app.post.policy import screened
from app.post.repository.writing import PostWriter
from app.post.rows import NewPost, Post, PostGuard
from app.post.schemas import PostCreate
from app.runtime.context import Needs, Service
from app.screening.policy import AN_HOUR, POSTS_AN_HOUR, ensure_not_too_many
from app.screening.service import ScreeningService
from app.user.policy import Viewer
from app.user.rows import CallerRow
from app.user.service.sessions import SessionService

WRITE_ATTEMPTS = POSTS_AN_HOUR + 2
"""How often guard and write run. The next guard reads what changed after the one before.

Of several posts of a new account at once, each changes the row that the others' guards have seen.
"""


class PostWritingService(Service):
    _screening = Needs(ScreeningService)
    _sessions = Needs(SessionService)
    _posts = Needs(PostWriter)

    async def publish(self, viewer: Viewer, form: PostCreate) -> Post:
        """Write a post. One with a banned word, or an image that was not passed, is held.

        Raises NewAccountLink, RateLimited, LoungeNotFound, LoungeClosed, ImageNotAvailable, and
        what an AUTHOR is refused for.
        """
        written, _ = await self._publish(viewer, form, None)
        assert written is not None  # Only a key has an earlier answer.
        return written

    async def publish_once(
        self, viewer: Viewer, form: PostCreate, keyed: KeyedRequest | None
    ) -> Answer:
        """Like `publish`, once for each key. A retry gets the first answer again.

        Raises IdempotencyInProgress, IdempotencyKeyReused too.
        """
        _, answer = await self._publish(viewer, form, keyed)
        return answer

    async def _publish(
        self, viewer: Viewer, form: PostCreate, keyed: KeyedRequest | None
    ) -> tuple[Post | None, Answer]:
        """The post, if it was written now, and the answer that a key keeps."""
        now, started_after = self._ctx.clock(), self._sessions.oldest_start()
        is_asked_again = False
        for _ in range(WRITE_ATTEMPTS):
            guard = await self._posts.guard(
                viewer, form.lounge_id, form.image_ids, started_after, keyed, now
            )
            caller = self._sessions.admit_author(viewer, guard.caller)
            if (earlier := guard.kept.answer_to(keyed)) is not None:
                return None, earlier
            try:
                new = await self._decide(guard, caller, form)
            except RateLimited:
                # The posts are counted after the guard has read. The last of them may be this one,
                # written by the first request with the key. Then the next guard has its answer.
                if keyed is None or is_asked_again:
                    raise
                is_asked_again = True
                continue
            answer = _answer(new.row)
            if await self._posts.write(viewer, new, self._ctx.origin, keyed, answer, now):
                return new.row, answer
        raise Overloaded(retry_after=1)

    async def _decide(self, guard: PostGuard, caller: CallerRow, form: PostCreate) -> NewPost:
        """The post to write. Raises the error of the first rule that forbids it."""
        words = f"{form.title}\n{form.body}"
        self._screening.ensure_member_may_link(caller.member_since, words)
        is_new = self._screening.is_new_since(caller.member_since)
        if is_new:
            await self._ensure_not_too_many(caller.author.id)
        lounge = _allowed_lounge(guard)
        if guard.free_images != len(form.image_ids):
            raise ImageNotAvailable
        has_banned_word = await self._screening.must_be_held_by(guard.words_version, words)
        must_be_held = has_banned_word or guard.needs_review
        row = Post(
            id=guard.post_id,
            lounge=lounge,
            author=caller.author,
            title=form.title,
            body=form.body,
            images=orjson.Fragment(guard.images),
            comment_count=0,
            like_count=0,
            moderation=screened(must_be_held=must_be_held),
            created_at=guard.now,
            updated_at=guard.now,
            url=post_url(self._ctx.base_url, guard.post_id),
            **unmarked(Post),
        )
        # Of a new account the write asks for the version of the author's row again. Otherwise ten
        # posts at the same time would all count four.
        version = guard.author_version if is_new else None
        # A held post notifies when a moderator releases it.
        notifies = guard.has_subscriber and not must_be_held
        return NewPost(row, form.image_ids, version, notifies)

    async def _ensure_not_too_many(self, author_id: UUID | None) -> None:
        """For a new account. Raises RateLimited."""
        now = self._ctx.clock()
        ensure_not_too_many(await self._posts.times_since(author_id, now - AN_HOUR), now)


def _allowed_lounge(guard: PostGuard) -> LoungeRef:
    """Where the post goes. Raises LoungeNotFound, LoungeClosed."""
    if guard.lounge is None:
        raise LoungeNotFound
    if guard.is_closed:
        raise LoungeClosed
    return guard.lounge


def _answer(row: Post) -> Answer:
    return Answer(201, f"/api/v1/posts/{row.id}", to_json(row))
