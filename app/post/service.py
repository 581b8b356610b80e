"""The use cases of posts: writing, reading, liking, muting, and taking out of sight."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.core.keyset import LAST_ID, PageRequest, Row, Slice
from app.core.text import fold
from app.image.service import ImageService
from app.lounge.service import LoungeService
from app.notification.service import NotificationService
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.models import Post
from app.post.policy import ensure_author
from app.post.repository import Filter, PostRepository, in_batches
from app.post.schemas import PostCreate, PostUpdate
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.screening.policy import ensure_not_too_many
from app.screening.service import ScreeningService
from app.user.policy import Viewer
from app.user.schemas import author_json
from app.user.service import UserService

LIKES = "post_likes"
SETTLED_AT_ONCE = 500
"""Posts in a run of the hourly job: some three statements each, well within its five minutes."""

type PostPage = Slice[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Topic:
    """What a notification says of a post."""

    author_id: UUID | None
    title: str
    lounge_id: UUID


class PostService:
    _users = Needs(UserService)
    _images = Needs(ImageService)
    _lounges = Needs(LoungeService)
    _notifications = Needs(NotificationService)
    _screening = Needs(ScreeningService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._posts = PostRepository(ctx.session, ctx.storage.url(""))

    # Reading

    async def list_page(
        self,
        viewer: Viewer,
        page: PageRequest,
        *,
        lounge_id: UUID | None = None,
        author_id: UUID | None = None,
        query: str | None = None,
    ) -> PostPage:
        """What the viewer may see, the newest first, narrowed by what is given."""
        given = {Filter.LOUNGE: lounge_id, Filter.AUTHOR: author_id}
        filters = {name: value for name, value in given.items() if value is not None}
        words = None if query is None else fold(query)
        name = f"posts:{lounge_id}:{author_id}:{words or ''}"
        after_id = page.after_id(name, start=LAST_ID)
        rows = await self._posts.list_page(
            viewer.user_id, after_id, page.row_limit, filters=filters, words=words
        )
        found = page.page(name, rows, lambda row: [row["id"]])
        return found.map(self._describe)

    async def list_of_lounge(self, viewer: Viewer, lounge_id: UUID, page: PageRequest) -> PostPage:
        """Raises LoungeNotFound."""
        found = await self.list_page(viewer, page, lounge_id=lounge_id)
        if not found.items:
            await self._lounges.ensure_exists(lounge_id)
        return found

    async def list_of_author(self, viewer: Viewer, author_id: UUID, page: PageRequest) -> PostPage:
        """Raises UserNotFound."""
        found = await self.list_page(viewer, page, author_id=author_id)
        if not found.items:
            await self._users.ensure_exists(author_id)
        return found

    async def list_likes(self, viewer: Viewer, page: PageRequest) -> PostPage:
        """What the viewer likes, the latest like first."""
        after_id = page.after_id(LIKES, start=LAST_ID)
        rows = await self._posts.list_likes(viewer.user_id, after_id, page.row_limit)
        found = page.page(LIKES, rows, lambda row: [row["place_id"]])
        return found.map(self._describe)

    async def get(self, viewer: Viewer, post_id: UUID) -> dict[str, Any]:
        """Raises PostNotFound."""
        return post_json(
            await self._posts.get_visible(viewer.user_id, post_id), self._ctx.storage.url
        )

    async def copy(self, viewer: Viewer, post_id: UUID) -> tuple[dict[str, Any], UUID]:
        """What a report keeps of a post, and who wrote it. Raises PostNotFound."""
        row = await self._posts.get_visible(viewer.user_id, post_id)
        copied = {
            "id": str(post_id),
            "title": row["title"],
            "body": row["body"],
            "author": row["author_nickname"],
            "lounge": row["lounge_name"],
            "images": [image["url"] for image in orjson.loads(row["images"])],
        }
        return copied, row["author_id"]

    async def may_be_told(self, user_id: UUID, post_id: UUID) -> bool:
        """Whether a user may see a post and has not muted it. One's own can be muted, too.

        They can't mute it until the transaction ends, so that muting finds all that they were
        told of it.
        """
        await self._posts.lock_mutes(user_id, post_id, muting=False)
        return await self._posts.may_be_told(user_id, post_id)

    async def find_topic(self, post_id: UUID) -> Topic | None:
        """What a notification says of a post; None for one that is out of everybody's sight."""
        row = await self._posts.find_in_sight(post_id)
        if row is None:
            return None
        return Topic(row["author_id"], row["title"], row["lounge_id"])

    async def ensure_visible(self, viewer: Viewer, post_id: UUID) -> None:
        """Raises PostNotFound."""
        if not await self._posts.is_visible(viewer.user_id, post_id):
            raise PostNotFound

    # Writing

    async def publish(self, viewer: Viewer, form: PostCreate) -> dict[str, Any]:
        """Write a post; with a banned word in it, it is held for a moderator.

        Raises LoungeNotFound, LoungeClosed, ImageNotAvailable, NewAccountLink, RateLimited.
        """
        await self._users.begin_write(viewer)
        words = f"{form.title}\n{form.body}"
        await self._ensure_new_account_may(viewer, words)
        await self._lounges.ensure_open(form.lounge_id)
        post = await self._posts.add(
            form.lounge_id, viewer.user_id, form.title, form.body, await self._screen(words)
        )
        await self._records.note(Act.CREATED, Subject.POST, post.id, viewer.user_id)
        await self._images.attach(viewer.user_id, form.image_ids)
        await self._posts.set_images(post.id, form.image_ids)
        if post.moderation == Moderation.VISIBLE:
            await self._count(post)
        return await self.get(viewer, post.id)

    async def update(self, viewer: Viewer, post_id: UUID, changes: PostUpdate) -> dict[str, Any]:
        """Change what was sent.

        Raises PostNotFound, NotAuthor, ImageNotAvailable, NewAccountLink.
        """
        post = await self._lock_own(viewer, post_id)
        if changes.title is not None or changes.body is not None:
            await self._change_words(post, changes.title or post.title, changes.body or post.body)
        if changes.image_ids is not None:
            await self._exchange_images(post, changes.image_ids)
        if changes.model_fields_set:
            await self._records.note(Act.CHANGED, Subject.POST, post_id, viewer.user_id)
            await self._posts.touch(post_id)
        return await self.get(viewer, post_id)

    async def delete(self, viewer: Viewer, post_id: UUID) -> None:
        """Delete a post, its words and its images. Raises PostNotFound, NotAuthor."""
        post = await self._lock_own(viewer, post_id)
        was_counted = post.moderation == Moderation.VISIBLE
        image_ids = await self._posts.list_image_ids(post_id)
        await self._posts.bury(post_id, self._ctx.clock())
        await self._images.discard(image_ids)
        await self._notifications.set_post_hidden(post_id, hidden=True)
        if was_counted:
            await self._discount(post)

    async def _change_words(self, post: Post, title: str, body: str) -> None:
        await self._screening.ensure_may_link(post.author_id, f"{title}\n{body}")
        await self._posts.save_words(post, title, body)
        must_be_held = await self._screen(f"{title}\n{body}") == Moderation.HELD
        if must_be_held and post.moderation == Moderation.VISIBLE:
            await self._posts.set_moderation(post.id, Moderation.HELD)
            await self._notifications.set_post_hidden(post.id, hidden=True)
            await self._discount(post)

    async def _screen(self, words: str) -> Moderation:
        must_be_held = await self._screening.must_be_held(words)
        return Moderation.HELD if must_be_held else Moderation.VISIBLE

    async def _ensure_new_account_may(self, viewer: Viewer, words: str) -> None:
        """Raises NewAccountLink, RateLimited."""
        await self._screening.ensure_may_link(viewer.user_id, words)
        if not await self._screening.is_new(viewer.user_id):
            return
        # Held until the end, so that ten posts at once don't all count four.
        await self._users.lock_caller(viewer)
        an_hour_ago = self._ctx.clock() - timedelta(hours=1)
        ensure_not_too_many(await self._posts.count_since(viewer.user_id, an_hour_ago))

    async def _lock_own(self, viewer: Viewer, post_id: UUID) -> Post:
        await self._users.begin_write(viewer)
        await self.ensure_visible(viewer, post_id)
        post = await self._posts.lock(post_id)
        if post.moderation == Moderation.HIDDEN:
            # Hidden since the look above: its author must not change or free its pictures now.
            raise PostNotFound
        ensure_author(viewer, post.author_id)
        return post

    async def _exchange_images(self, post: Post, image_ids: Sequence[UUID]) -> None:
        before = set(await self._posts.list_image_ids(post.id))
        added = [image_id for image_id in image_ids if image_id not in before]
        await self._images.attach(post.author_id, added)
        await self._posts.set_images(post.id, image_ids)
        await self._images.detach(list(before.difference(image_ids)))

    # Likes and mutes

    async def like(self, viewer: Viewer, post_id: UUID) -> None:
        """Raises PostNotFound. Doing it twice is doing it once."""
        await self._users.begin_write(viewer)
        await self.ensure_visible(viewer, post_id)
        await self._posts.add_like(viewer.user_id, post_id)

    async def unlike(self, viewer: Viewer, post_id: UUID) -> None:
        """Raises PostNotFound."""
        await self._users.begin_write(viewer)
        await self.ensure_visible(viewer, post_id)
        await self._posts.delete_like(viewer.user_id, post_id)

    async def mute(self, viewer: Viewer, post_id: UUID) -> None:
        """Hide a post from the viewer, with its notifications to them. Raises PostNotFound.

        One's own post stays in sight; only its notifications stop.
        """
        await self._users.begin_write(viewer)
        # Locked first: notifications of the post that are under way are written by then, and found
        # below.
        await self._posts.lock_mutes(viewer.user_id, post_id, muting=True)
        await self._ensure_readable(viewer, post_id)
        await self._posts.add_mute(viewer.user_id, post_id)
        await self._notifications.set_post_muted(viewer.user_id, post_id, muted=True)

    async def unmute(self, viewer: Viewer, post_id: UUID) -> None:
        """Raises PostNotFound."""
        await self._users.begin_write(viewer)
        await self._ensure_readable(viewer, post_id)
        await self._posts.delete_mute(viewer.user_id, post_id)
        await self._notifications.set_post_muted(viewer.user_id, post_id, muted=False)

    async def _ensure_readable(self, viewer: Viewer, post_id: UUID) -> None:
        if not await self._posts.is_readable(viewer.user_id, post_id):
            raise PostNotFound

    # What moderators do; who may is asked above.

    async def lock(self, post_id: UUID) -> Post:
        """Lock a post until the transaction ends. Raises PostNotFound for a deleted one."""
        return await self._posts.lock(post_id)

    async def hide(self, post_id: UUID) -> tuple[Post, Moderation]:
        """Take a post out of everybody's sight; also what it was before.

        Raises PostNotFound for a deleted one.
        """
        return await self._moderate(post_id, Moderation.HIDDEN)

    async def restore(self, post_id: UUID) -> tuple[Post, Moderation]:
        """Show what was hidden or held; also which. Raises PostNotFound for a deleted one."""
        return await self._moderate(post_id, Moderation.VISIBLE)

    async def _moderate(self, post_id: UUID, moderation: Moderation) -> tuple[Post, Moderation]:
        post = await self._posts.lock(post_id)
        before = Moderation(post.moderation)
        if before == moderation:
            return post, before
        await self._posts.set_moderation(post_id, moderation)
        await self._settle_pictures(post_id, moderation)
        gone = moderation == Moderation.HIDDEN
        await self._notifications.set_post_hidden(post_id, hidden=gone)
        if moderation == Moderation.VISIBLE:
            await self._count(post)
        elif before == Moderation.VISIBLE:
            await self._discount(post)
        return post, before

    async def _settle_pictures(self, post_id: UUID, moderation: Moderation) -> None:
        image_ids = await self._posts.list_image_ids(post_id)
        await self._images.set_hidden(image_ids, hidden=moderation == Moderation.HIDDEN)

    async def settle_pictures(self) -> None:
        """Mark the pictures of posts that were hidden, or restored, by a release without marks."""
        for post_id in await self._posts.list_wrongly_marked(SETTLED_AT_ONCE):
            with suppress(PostNotFound):
                post = await self._posts.lock(post_id)
                await self._settle_pictures(post_id, Moderation(post.moderation))

    # What leaving needs.

    async def bury_all_of(
        self, author_id: UUID, now: datetime, comment_changes: Mapping[UUID, int]
    ) -> Mapping[UUID, int]:
        """Soft-deletes a leaver's posts and likes, and changes the counts of what they liked and
        commented on. Returns how many posts each lounge loses; `discount` takes them off.
        """
        likes = dict.fromkeys(await self._posts.delete_likes_of(author_id), -1)
        own_ids = await self._posts.list_ids_of(author_id)
        lost: Counter[UUID] = Counter()
        for post_ids in in_batches({*own_ids, *likes, *comment_changes}):
            locked = await self._posts.lock_all(post_ids)
            await self._posts.change_counts(post_ids, comment_changes, likes)
            own = [row for row in locked if row["author_id"] == author_id]
            await self._posts.bury_all([row["id"] for row in own], now)
            lost.update(row["lounge_id"] for row in own if row["moderation"] == Moderation.VISIBLE)
        return lost

    async def discount(self, by_lounge: Mapping[UUID, int]) -> None:
        """Take posts off the counts of lounges, which are locked already."""
        latest = await self._posts.latest_in_each(list(by_lounge))
        await self._lounges.discount_posts(by_lounge, latest)

    async def erase_all_of(self, author_id: UUID) -> None:
        """The rows too, with the comments on them."""
        await self._posts.delete_all_of(author_id)

    # What comments need.

    async def change_comment_count(self, post_id: UUID, by: int) -> None:
        """Raises PostNotFound if the post has been deleted meanwhile."""
        if not await self._posts.change_comment_count(post_id, by):
            raise PostNotFound

    async def _count(self, post: Post) -> None:
        await self._users.change_post_count(post.author_id, 1)
        await self._lounges.count_post(post.lounge_id, post.created_at)

    async def _discount(self, post: Post) -> None:
        await self._users.change_post_count(post.author_id, -1)
        await self._lounges.discount_post(post.lounge_id)
        # Asked only now that the lounge is held: a post that was just being written is known of.
        latest = await self._posts.latest_in(post.lounge_id)
        await self._lounges.set_last_posted_at(post.lounge_id, latest)

    def _describe(self, row: Row) -> dict[str, Any]:
        return post_json(row, self._ctx.storage.url)


def post_json(row: Row, url: Callable[[str], str]) -> dict[str, Any]:
    """A Post, ready to serialise; its images are JSON already."""
    return {
        "id": row["id"],
        "lounge": {"id": row["lounge_id"], "name": row["lounge_name"]},
        "author": author_json(row, url),
        "title": row["title"],
        "body": row["body"],
        "images": orjson.Fragment(row["images"]),
        "comment_count": row["comment_count"],
        "like_count": row["like_count"],
        "liked": row["liked"],
        "moderation": row["moderation"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
