"""Finding comments for admins: those of a state, of an author, in a lounge, or with some words.

No index has the words of comments. So a page walks through the newest ones, as a search for posts
does (ADR 0054), and ends with the place to go on from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    select,
    true,
    union_all,
)

from app.comment.models import Comment
from app.comment.repository.reading import COLUMNS
from app.comment.rows import CommentFilter, ManagedComment
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.row_lookup import has_row
from app.core.sql.rows import FLAT, Query
from app.lounge.models import Lounge
from app.post.enums import Moderation
from app.post.models import Post, is_not_hidden
from app.user.models import User

STEP, LONG_STEP = 2_000, 10_000
"""Comments that the first statement walks through, and each after it. Most are not read whole:
their filters come first.
"""

_KEPT = 64
_AFTER_ID = bindparam("after_id", type_=Uuid)
_LIMIT = bindparam("limit", type_=Integer)
_IDS = bindparam("comment_ids", type_=ARRAY(Uuid))
_MANAGED = (*COLUMNS, Post.lounge_id, Lounge.name.label("lounge_name"))


@dataclass(frozen=True, slots=True)
class Passed:
    """A comment that a walk found; or, last and without one, where the walk ended."""

    comment: ManagedComment | None = field(metadata=FLAT)
    end_id: UUID | None


@lru_cache(_KEPT)
def _walk(
    step: int, words: int, moderation: Moderation | None, *, of_author: bool, of_lounge: bool
) -> Query[Passed]:
    columns = (Comment.id, Comment.post_id, Comment.body, Comment.moderation, Comment.deleted_at)
    newest = select(*columns).where(Comment.id < _AFTER_ID).order_by(Comment.id.desc())
    if of_author:
        newest = newest.where(Comment.author_id == bindparam("author_id", type_=Uuid))
    seen = newest.limit(literal_column(str(step))).cte("seen")
    on_post = [Post.id == seen.c.post_id, Post.deleted_at.is_(None)]
    if of_lounge:
        on_post.append(Post.lounge_id == bindparam("lounge_id", type_=Uuid))
    matching = select(seen.c.id, false().label("is_end")).where(seen.c.deleted_at.is_(None))
    if moderation is not None:
        matching = matching.where(seen.c.moderation == literal_column(f"'{moderation}'"))
    text = func.lower(func.normalize(seen.c.body, literal_column("NFKC")))
    for number in range(words):
        matching = matching.where(func.strpos(text, bindparam(f"word_{number}", type_=Text)) > 0)
    matching = matching.where(has_row(Post, *on_post))
    found = matching.order_by(seen.c.id.desc()).limit(_LIMIT).subquery("found")
    end = (
        select(seen.c.id, true().label("is_end"))
        .order_by(seen.c.id.desc())
        .offset(literal_column(str(step - 1)))
        .limit(literal_column("1"))
        .subquery("end_of_walk")
    )
    both = union_all(select(found), select(end)).subquery("passed")
    end_id = case((both.c.is_end, both.c.id))
    statement = (
        select(*_MANAGED, end_id.label("end_id"))
        .select_from(both)
        .outerjoin(Comment, and_(Comment.id == both.c.id, ~both.c.is_end))
        .outerjoin(Post, Post.id == Comment.post_id)
        .outerjoin(Lounge, Lounge.id == Post.lounge_id)
        .outerjoin(User, User.id == Comment.author_id)
        .order_by(both.c.is_end, both.c.id.desc())
    )
    return Query(Passed, statement, plan_each_time=True)


_THERE = (
    select(*_MANAGED)
    .join(Post, Post.id == Comment.post_id)
    .join(Lounge, Lounge.id == Post.lounge_id)
    .outerjoin(User, User.id == Comment.author_id)
    .where(Comment.deleted_at.is_(None), Post.deleted_at.is_(None))
)
_THESE = Query(
    ManagedComment, _THERE.where(Comment.id == func.any(_IDS)).order_by(Comment.id.desc())
)


def _near(*of_list: ColumnElement[bool]) -> Query[ManagedComment]:
    """The comments before and after one, in a list that has an index, and what it answers.

    In no order: to have one, PostgreSQL might go through all comments.
    """
    at = bindparam("comment_id", type_=Uuid)
    before = select(Comment.id).where(*of_list, Comment.id <= at).order_by(Comment.id.desc())
    after = select(Comment.id).where(*of_list, Comment.id > at).order_by(Comment.id)
    parts = [select(each.limit(page_limit()).subquery()) for each in (before, after)]
    named = select(func.unnest(_IDS).label("id"))
    near = union_all(*parts, named).subquery("near")
    return Query(ManagedComment, _THERE.where(Comment.id.in_(select(near.c.id))))


# Those that are hidden are in no index that has their order.
_NEAR_TOP = _near(
    Comment.post_id == bindparam("post_id", type_=Uuid),
    Comment.parent_id.is_(None),
    is_not_hidden(Comment.moderation),
)
_NEAR_REPLY = _near(Comment.parent_id == bindparam("parent_id", type_=Uuid))


class CommentFinder(Repository):
    async def list_near(
        self, post_id: UUID, parent_id: UUID | None, comment_id: UUID, limit: int
    ) -> list[ManagedComment]:
        """Up to `limit` comments on each side of one below the same parent, with it and its parent.

        The oldest first.
        """
        query = _NEAR_TOP if parent_id is None else _NEAR_REPLY
        near = await self._db.all(
            query,
            post_id=post_id,
            parent_id=parent_id,
            comment_id=comment_id,
            comment_ids=[id_ for id_ in (comment_id, parent_id) if id_ is not None],
            row_limit=limit,
        )
        return sorted(near, key=lambda comment: comment.id)

    async def walk(
        self, sought: CommentFilter, after_id: UUID, limit: int, *, is_first: bool
    ) -> Sequence[Passed]:
        """Up to `limit` of the next comments before `after_id`, and where the walk ended."""
        query = _walk(
            STEP if is_first else LONG_STEP,
            len(sought.words),
            sought.moderation,
            of_author=sought.author_id is not None,
            of_lounge=sought.lounge_id is not None,
        )
        words = {f"word_{number}": word for number, word in enumerate(sought.words)}
        return await self._db.all(
            query,
            after_id=after_id,
            limit=limit,
            author_id=sought.author_id,
            lounge_id=sought.lounge_id,
            **words,
        )

    async def list_managed(self, comment_ids: Sequence[UUID]) -> list[ManagedComment]:
        """Some comments, deleted ones aside, the newest first."""
        return await self._db.all(_THESE, comment_ids=list(comment_ids))
