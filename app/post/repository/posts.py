"""Posts, their images, likes and mutes: looked up, listed, locked and changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Uuid,
    cast,
    column,
    delete,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.advisory_locks import lock_exclusive, lock_shared
from app.core.database import AnySelect, violated_constraint
from app.core.keyset import Row
from app.core.text import bigrams, fold, like_pattern, tsquery
from app.image.models import Image
from app.lounge.models import Lounge
from app.post.counts import IN_SIGHT, LATEST
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.models import (
    Post,
    PostImage,
    PostLike,
    PostMute,
)
from app.post.repository.reading import (
    AUDIBLE,
    EXISTS,
    LIKES,
    ONE,
    READABLE,
    Filter,
    list_statement,
)

BATCH = 1_000
"""Rows per statement when somebody leaves (statements time out after 2.3 s)."""

_UNSYNCHRONISED = {"synchronize_session": False}
"""Skips the ORM's search for loaded objects: there are none of these rows."""


def in_batches(post_ids: Iterable[UUID]) -> Iterator[tuple[UUID, ...]]:
    """In the order in which everybody locks them."""
    return batched(sorted(post_ids), BATCH, strict=False)


def _searchable(title: str, body: str) -> dict[str, Any]:
    folded = fold(f"{title}\n{body}")
    return {
        "search_text": folded,
        "search_vector": func.array_to_tsvector(sorted(bigrams(folded))),
    }


class PostRepository:
    def __init__(self, session: AsyncSession, media_url: str) -> None:
        self._session = session
        self._media_url = media_url

    async def _rows(self, statement: AnySelect, **params: Any) -> Sequence[Row]:
        params["media_url"] = self._media_url
        return (await self._session.execute(statement, params)).mappings().all()

    async def list_page(
        self,
        viewer_id: UUID,
        after_id: UUID,
        limit: int,
        *,
        filters: Mapping[Filter, UUID],
        words: str | None = None,
    ) -> Sequence[Row]:
        """Newest first; `words` is folded text."""
        params: dict[str, Any] = {name.value: value for name, value in filters.items()}
        chosen = frozenset(filters)
        if words is not None:
            chosen |= {Filter.WORDS}
            params["query"] = tsquery(words)
            params["patterns"] = [like_pattern(word) for word in words.split()]
        return await self._rows(
            list_statement(chosen),
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
            **params,
        )

    async def list_likes(self, viewer_id: UUID, after_id: UUID, limit: int) -> Sequence[Row]:
        return await self._rows(LIKES, viewer_id=viewer_id, after_id=after_id, row_limit=limit)

    async def get_visible(self, viewer_id: UUID, post_id: UUID) -> Row:
        """Raises PostNotFound."""
        rows = await self._rows(ONE, viewer_id=viewer_id, post_id=post_id)
        if not rows:
            raise PostNotFound
        return rows[0]

    async def is_visible(self, viewer_id: UUID, post_id: UUID) -> bool:
        params = {"viewer_id": viewer_id, "post_id": post_id}
        return await self._session.scalar(EXISTS, params) is not None

    async def is_readable(self, viewer_id: UUID, post_id: UUID) -> bool:
        """As `is_visible`, muted or not."""
        params = {"viewer_id": viewer_id, "post_id": post_id}
        return await self._session.scalar(READABLE, params) is not None

    async def may_be_told(self, viewer_id: UUID, post_id: UUID) -> bool:
        """As `is_visible`, and not muted, be it one's own."""
        params = {"viewer_id": viewer_id, "post_id": post_id}
        return await self._session.scalar(AUDIBLE, params) is not None

    async def find_in_sight(self, post_id: UUID) -> Row | None:
        """What a notification says of a post that is neither deleted, hidden nor held."""
        query = select(Post.author_id, Post.title, Post.lounge_id)
        found = await self._session.execute(query.where(Post.id == post_id, IN_SIGHT))
        return found.mappings().one_or_none()

    async def lock(self, post_id: UUID) -> Post:
        """A post that is not deleted, held until the transaction ends. Raises PostNotFound."""
        query = select(Post).where(Post.id == post_id, Post.deleted_at.is_(None))
        post = await self._session.scalar(query.with_for_update())
        if post is None:
            raise PostNotFound
        return post

    async def count_since(self, author_id: UUID, moment: datetime) -> int:
        """How many posts somebody has written since, deleted ones too."""
        query = select(func.count()).where(Post.author_id == author_id, Post.created_at > moment)
        return await self._session.scalar(query) or 0

    async def add(
        self, lounge_id: UUID, author_id: UUID, title: str, body: str, moderation: Moderation
    ) -> Post:
        post = Post(
            moderation=moderation,
            lounge_id=lounge_id,
            author_id=author_id,
            title=title,
            body=body,
            **_searchable(title, body),
        )
        self._session.add(post)
        await self._session.flush()
        return post

    async def save_words(self, post: Post, title: str, body: str) -> None:
        changed = {"title": title, "body": body, **_searchable(title, body)}
        await self._session.execute(update(Post).where(Post.id == post.id).values(**changed))

    async def touch(self, post_id: UUID) -> None:
        """It was changed now."""
        await self._session.execute(
            update(Post).where(Post.id == post_id).values(updated_at=func.clock_timestamp())
        )

    async def bury(self, post_id: UUID, now: datetime) -> None:
        """Leave an empty row: what somebody deletes is gone, and not only out of sight."""
        await self._session.execute(
            update(Post)
            .where(Post.id == post_id)
            .values(title="", body="", deleted_at=now, **_searchable("", ""))
        )

    async def list_ids_of(self, author_id: UUID) -> Sequence[UUID]:
        """An author's posts that are not deleted."""
        own = (Post.author_id == author_id, Post.deleted_at.is_(None))
        query = select(Post.id).where(*own).order_by(Post.id).limit(BATCH)
        found: list[UUID] = []
        page = (await self._session.scalars(query)).all()
        while page:
            found += page
            page = (await self._session.scalars(query.where(Post.id > found[-1]))).all()
        return found

    async def lock_all(self, post_ids: Sequence[UUID]) -> Sequence[Row]:
        """Those that are not deleted, locked in the order of their ids, and as they are then."""
        query = (
            select(Post.id, Post.author_id, Post.lounge_id, Post.moderation)
            .where(Post.id == func.any(cast(post_ids, ARRAY(Uuid))), Post.deleted_at.is_(None))
            .order_by(Post.id)
            .with_for_update(key_share=True)
        )
        return (await self._session.execute(query)).mappings().all()

    async def change_counts(
        self, post_ids: Sequence[UUID], comments: Mapping[UUID, int], likes: Mapping[UUID, int]
    ) -> None:
        """Change the counts of posts that are locked; a deleted post's are no longer kept."""
        given = func.unnest(
            cast(post_ids, ARRAY(Uuid)),
            cast([comments.get(post_id, 0) for post_id in post_ids], ARRAY(Integer)),
            cast([likes.get(post_id, 0) for post_id in post_ids], ARRAY(Integer)),
        )
        changes = given.table_valued(
            column("id", Uuid), column("comments", Integer), column("likes", Integer)
        ).render_derived()
        await self._session.execute(
            update(Post)
            .where(Post.id == changes.c.id, Post.deleted_at.is_(None))
            .where(or_(changes.c.comments != 0, changes.c.likes != 0))
            .values(
                comment_count=Post.comment_count + changes.c.comments,
                like_count=Post.like_count + changes.c.likes,
            ),
            execution_options=_UNSYNCHRONISED,
        )

    async def bury_all(self, post_ids: Sequence[UUID], now: datetime) -> None:
        """As `bury`, for several posts that are locked already."""
        await self._session.execute(
            update(Post)
            .where(Post.id == func.any(cast(post_ids, ARRAY(Uuid))))
            .values(title="", body="", deleted_at=now, **_searchable("", "")),
            execution_options=_UNSYNCHRONISED,
        )

    async def delete_all_of(self, author_id: UUID) -> None:
        """Deletes an author's buried posts for good, and before them the likes on them."""
        buried = select(Post.id).where(Post.author_id == author_id, Post.deleted_at.is_not(None))
        await self._delete_likes(PostLike.post_id.in_(buried))
        batch = buried.order_by(Post.id).limit(BATCH).with_for_update()
        deleted = delete(Post).where(Post.id.in_(batch)).returning(Post.id)
        while len((await self._session.scalars(deleted)).all()) == BATCH:
            pass

    async def delete_likes_of(self, user_id: UUID) -> Sequence[UUID]:
        """Which posts they liked, each once."""
        return await self._delete_likes(PostLike.user_id == user_id)

    async def _delete_likes(self, condition: ColumnElement[bool]) -> Sequence[UUID]:
        """In one order, so that two who delete the same likes never wait for each other."""
        key = tuple_(PostLike.post_id, PostLike.user_id)
        batch = select(PostLike.post_id, PostLike.user_id).where(condition).limit(BATCH)
        ordered = batch.order_by(PostLike.post_id, PostLike.user_id).with_for_update()
        statement = delete(PostLike).where(key.in_(ordered)).returning(PostLike.post_id)
        post_ids: list[UUID] = []
        while True:
            deleted = (await self._session.scalars(statement)).all()
            post_ids += deleted
            if len(deleted) < BATCH:
                return post_ids

    async def set_moderation(self, post_id: UUID, moderation: Moderation) -> None:
        await self._session.execute(
            update(Post).where(Post.id == post_id).values(moderation=moderation)
        )

    async def latest_in(self, lounge_id: UUID) -> datetime | None:
        """When the latest visible post of a lounge was written."""
        return (await self.latest_in_each([lounge_id])).get(lounge_id)

    async def latest_in_each(self, lounge_ids: Sequence[UUID]) -> dict[UUID, datetime | None]:
        """As `latest_in`, of several lounges."""
        given = Lounge.id == func.any(cast(lounge_ids, ARRAY(Uuid)))
        rows = await self._session.execute(select(Lounge.id, LATEST).where(given))
        return {row[0]: row[1] for row in rows}

    async def change_comment_count(self, post_id: UUID, by: int) -> bool:
        """False if the post has been deleted meanwhile."""
        changed = await self._session.scalar(
            update(Post)
            .where(Post.id == post_id, Post.deleted_at.is_(None))
            .values(comment_count=Post.comment_count + by)
            .returning(Post.id)
        )
        return changed is not None

    # Images

    async def list_wrongly_marked(self, limit: int) -> Sequence[UUID]:
        """Posts with an image that is hidden while the post is not, or the other way round."""
        shown = (
            select(Post.id, Image.hidden)
            .join(PostImage, PostImage.post_id == Post.id)
            .join(Image, Image.id == PostImage.image_id)
            .where(Post.deleted_at.is_(None))
        )
        # The values are literals, so that the partial indexes serve.
        hidden = Post.moderation == literal_column(f"'{Moderation.HIDDEN}'")
        wrong = union(
            shown.where(hidden, Image.hidden.is_(False)), shown.where(~hidden, Image.hidden)
        ).subquery()
        query = select(wrong.c.id).order_by(wrong.c.id).limit(limit)
        return (await self._session.scalars(query)).all()

    async def list_image_ids(self, post_id: UUID) -> Sequence[UUID]:
        query = (
            select(PostImage.image_id)
            .where(PostImage.post_id == post_id)
            .order_by(PostImage.position)
        )
        return (await self._session.scalars(query)).all()

    async def set_images(self, post_id: UUID, image_ids: Sequence[UUID]) -> None:
        """Show these and no others, in this order."""
        await self._session.execute(delete(PostImage).where(PostImage.post_id == post_id))
        if image_ids:
            rows = [
                {"post_id": post_id, "position": position, "image_id": image_id}
                for position, image_id in enumerate(image_ids)
            ]
            await self._session.execute(insert(PostImage).values(rows))

    # Likes and mutes

    async def add_like(self, user_id: UUID, post_id: UUID) -> None:
        """Raises PostNotFound if the post has been deleted meanwhile."""
        added = await self._add_mark(PostLike, user_id, post_id)
        if added is not None:
            await self._change_like_count(post_id, 1)

    async def delete_like(self, user_id: UUID, post_id: UUID) -> None:
        statement = delete(PostLike).where(PostLike.user_id == user_id, PostLike.post_id == post_id)
        if await self._session.scalar(statement.returning(PostLike.id)) is not None:
            await self._change_like_count(post_id, -1)

    async def _change_like_count(self, post_id: UUID, by: int) -> None:
        changed = await self._session.scalar(
            update(Post)
            .where(Post.id == post_id, Post.deleted_at.is_(None))
            .values(like_count=Post.like_count + by)
            .returning(Post.id)
        )
        if changed is None:
            raise PostNotFound

    async def lock_mutes(self, user_id: UUID, post_id: UUID, *, muting: bool) -> None:
        """Lock whether a user mutes a post: exclusive for muting, shared for telling them of it."""
        lock = lock_exclusive if muting else lock_shared
        await lock(self._session, f"mute:{user_id}:{post_id}")

    async def add_mute(self, user_id: UUID, post_id: UUID) -> None:
        """Raises PostNotFound if the post is erased meanwhile."""
        await self._add_mark(PostMute, user_id, post_id)

    async def _add_mark(
        self, mark: type[PostLike | PostMute], user_id: UUID, post_id: UUID
    ) -> UUID | None:
        """The post, or None where the mark was there."""
        statement = insert(mark).values(user_id=user_id, post_id=post_id)
        try:
            return await self._session.scalar(
                statement.on_conflict_do_nothing().returning(mark.post_id)
            )
        except IntegrityError as error:
            if violated_constraint(error) == f"{mark.__tablename__}_post_id_fkey":
                raise PostNotFound from None
            raise

    async def delete_mute(self, user_id: UUID, post_id: UUID) -> None:
        await self._session.execute(
            delete(PostMute).where(PostMute.user_id == user_id, PostMute.post_id == post_id)
        )
