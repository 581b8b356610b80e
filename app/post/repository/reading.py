"""SQL statements that read posts as users see them.

Each list is one Core statement, built once for its combination of filters: no ORM objects, no
second query, however many rows.
"""

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Text,
    Uuid,
    bindparam,
    func,
    select,
)

from app.core.db import Repository
from app.core.keyset import FIRST_ID, page_limit
from app.core.links import post_url_of
from app.core.sql.rows import Positioned, Query, values_of
from app.core.viewer_fields import PublishedMarks, published_marks
from app.lounge.models import Lounge
from app.post.exceptions import PostNotFound
from app.post.models import (
    POST_MARKS,
    Post,
    PostMark,
    PostMute,
    is_gone,
    not_muted,
    present_for,
    readable_by,
    visible_to,
)
from app.post.repository.columns import COLUMNS, image_urls, with_names
from app.post.repository.feeds import favorites_feed
from app.post.rows import (
    Mute,
    NotifiedPost,
    PostCopy,
    PostFilter,
    PostForMany,
)
from app.post.rows import Post as PostRow
from app.user.models import User, not_blocked

_VIEWER = bindparam("viewer_id", type_=Uuid)
_MEDIA_URL = bindparam("media_url", type_=Text)
_POST_ID = bindparam("post_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)

_VISIBLE = (Post.id == _POST_ID, visible_to(_VIEWER))
_POST = Query(PostRow, with_names(select(*COLUMNS)).where(*_VISIBLE))
_COPY = Query(
    PostCopy,
    with_names(
        select(
            Post.title,
            Post.body,
            Lounge.name.label("lounge_name"),
            image_urls().label("image_urls"),
            Post.author_id,
            User.nickname.label("author_nickname"),
        )
    ).where(Post.id == _POST_ID, present_for(_VIEWER)),
)
_NOTIFIED_POST = Query(
    NotifiedPost,
    select(Post.author_id, Post.lounge_id)
    .where(Post.id == _POST_ID, Post.deleted_at.is_(None))
    # Against deleting and moderating, which tell apps of the notifications that there are.
    .with_for_update(of=Post, read=True, key_share=True),
)
_IS_VISIBLE = values_of(UUID, select(Post.id).where(*_VISIBLE))
_THESE = Query(
    PostRow,
    with_names(select(*COLUMNS)).where(
        Post.id == func.any(bindparam("post_ids", type_=ARRAY(Uuid))), visible_to(_VIEWER)
    ),
)


_MARKS = Query(
    PublishedMarks,
    select(Post.id, published_marks("post", PostRow, COLUMNS)).where(
        Post.id == func.any(bindparam("post_ids", type_=ARRAY(Uuid)))
    ),
)
_FOR_MANY = Query(
    PostForMany,
    with_names(
        select(
            Post.author_id.label("visibility_writer_id"),
            Post.moderation.label("visibility_moderation"),
            is_gone().label("visibility_is_gone"),
            *COLUMNS,
        )
    ).where(Post.id == func.any(bindparam("post_ids", type_=ARRAY(Uuid)))),
)
_THESE_OF_BLOCKED = values_of(
    UUID,
    select(Post.id).where(
        Post.id == func.any(bindparam("post_ids", type_=ARRAY(Uuid))),
        ~not_blocked(_VIEWER, Post.author_id),
    ),
)
_WANTS_NOTIFICATIONS = values_of(
    UUID,
    select(Post.id).where(
        Post.id == _POST_ID, ~is_gone(), not_blocked(_VIEWER, Post.author_id), not_muted(_VIEWER)
    ),
)
_MARKED: dict[type[PostMark], Query[Positioned[PostRow]]] = {
    table: Query(
        Positioned[PostRow],
        with_names(select(table.id.label("position"), *COLUMNS))
        .join(table, table.post_id == Post.id)
        .where(table.user_id == _VIEWER, table.id < _AFTER_ID, visible_to(_VIEWER))
        .order_by(table.id.desc())
        .limit(page_limit()),
    )
    for table in POST_MARKS
    if table.mark.is_kept
}
"""The lists of what a user has marked. What they have muted is listed otherwise."""

_MUTES = Query(
    Positioned[Mute],
    select(
        PostMute.id.label("position"),
        Post.id.label("post_id"),
        Post.title.label("post_title"),
        Post.lounge_id.label("post_lounge_id"),
        Lounge.name.label("post_lounge_name"),
        post_url_of(Post.id).label("post_url"),
        func.uuid_extract_timestamp(PostMute.id, type_=DateTime(timezone=True)).label("muted_at"),
    )
    .join(Post, Post.id == PostMute.post_id)
    .join(Lounge, Lounge.id == Post.lounge_id)
    .where(PostMute.user_id == _VIEWER, PostMute.id < _AFTER_ID, readable_by(_VIEWER))
    .order_by(PostMute.id.desc())
    .limit(page_limit()),
)


@cache
def _list(*, of_lounge: bool, of_author: bool) -> Query[PostRow]:
    """Built once for each combination of filters."""
    statement = (
        with_names(select(*COLUMNS))
        .where(Post.id < _AFTER_ID, visible_to(_VIEWER))
        .order_by(Post.id.desc())
        .limit(page_limit())
    )
    if of_lounge:
        statement = statement.where(Post.lounge_id == bindparam("lounge_id", type_=Uuid))
    if of_author:
        statement = statement.where(Post.author_id == bindparam("author_id", type_=Uuid))
    return Query(PostRow, statement)


class PostReader(Repository):
    async def list_page(
        self, viewer_id: UUID, after_id: UUID, limit: int, chosen: PostFilter
    ) -> Sequence[PostRow]:
        """The newest first."""
        query = _list(
            of_lounge=chosen.lounge_id is not None,
            of_author=chosen.author_id is not None,
        )
        return await self._db.all(query, **self._chosen(viewer_id, after_id, limit, chosen))

    async def list_favorites_feed(
        self, viewer_id: UUID, after_id: UUID, limit: int, chosen: PostFilter
    ) -> Sequence[Positioned[PostRow]]:
        """Posts in the viewer's favorite lounges. The position of the last row may be the end."""
        query = favorites_feed(
            of_lounge=chosen.lounge_id is not None, of_author=chosen.author_id is not None
        )
        return await self._db.all(query, **self._chosen(viewer_id, after_id, limit, chosen))

    def _chosen(
        self, viewer_id: UUID, after_id: UUID, limit: int, chosen: PostFilter
    ) -> dict[str, object]:
        """The parameters of a list that is narrowed to a lounge, an author or both."""
        return {
            "viewer_id": viewer_id,
            "after_id": after_id,
            "row_limit": limit,
            "lounge_id": chosen.lounge_id,
            "author_id": chosen.author_id,
        }

    async def list_these(self, viewer_id: UUID, post_ids: Sequence[UUID]) -> list[PostRow]:
        """Some posts, in the order of the ids. Those that the viewer does not see are left out."""
        rows = await self._db.all(
            _THESE,
            viewer_id=viewer_id,
            post_ids=list(post_ids),
        )
        found = {row.id: row for row in rows}
        return [found[post_id] for post_id in post_ids if post_id in found]

    async def list_marks(self, viewer_id: UUID, post_ids: Sequence[UUID]) -> list[PublishedMarks]:
        """What the viewer has made of some posts, also of those that they do not see."""
        return await self._db.all(_MARKS, viewer_id=viewer_id, post_ids=list(post_ids))

    async def list_of_blocked(self, viewer_id: UUID, post_ids: Sequence[UUID]) -> list[UUID]:
        """Those of some posts whose author the viewer has blocked."""
        return await self._db.all(_THESE_OF_BLOCKED, viewer_id=viewer_id, post_ids=list(post_ids))

    async def list_for_many(self, post_ids: Sequence[UUID]) -> list[PostForMany]:
        """Some posts as they are, without asking who may see them. Deleted ones too."""
        return await self._db.all(
            _FOR_MANY,
            viewer_id=FIRST_ID,
            post_ids=list(post_ids),
        )

    async def list_marked(
        self, table: type[PostMark], viewer_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[Positioned[PostRow]]:
        """What a user has marked, the latest mark first."""
        return await self._db.all(
            _MARKED[table],
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def list_mutes(
        self, viewer_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[Positioned[Mute]]:
        """What a user has muted, the latest mute first. A post that is gone is left out."""
        return await self._db.all(
            _MUTES,
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def get(self, viewer_id: UUID, post_id: UUID) -> PostRow:
        """Raises PostNotFound."""
        return await self._one(_POST, viewer_id, post_id)

    async def copy(self, viewer_id: UUID, post_id: UUID) -> PostCopy:
        """Also of a post that the viewer has muted or blocked. Raises PostNotFound."""
        return await self._one(_COPY, viewer_id, post_id)

    async def _one[R](self, query: Query[R], viewer_id: UUID, post_id: UUID) -> R:
        row = await self._db.first(
            query,
            viewer_id=viewer_id,
            post_id=post_id,
        )
        if row is None:
            raise PostNotFound
        return row

    async def find_notified_post(self, post_id: UUID) -> NotifiedPost | None:
        """A post that is not deleted. Its state stays so until the transaction ends."""
        return await self._db.first(_NOTIFIED_POST, post_id=post_id)

    async def is_visible(self, viewer_id: UUID, post_id: UUID) -> bool:
        return await self._has(_IS_VISIBLE, viewer_id, post_id)

    async def wants_notifications(self, user_id: UUID, post_id: UUID) -> bool:
        """Whether a user has neither muted a post nor blocked its author."""
        return await self._has(_WANTS_NOTIFICATIONS, user_id, post_id)

    async def _has(self, query: Query[UUID], viewer_id: UUID, post_id: UUID) -> bool:
        found = await self._db.first(query, viewer_id=viewer_id, post_id=post_id)
        return found is not None
