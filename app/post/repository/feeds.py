"""The statement of the feed of a viewer's favorite lounges: one for each combination of filters.

1. A viewer with few favorites: the lounges whose newest posts are the newest, then the posts of
   these. Each lounge is read along its index, so a quiet lounge costs one look.
2. A viewer with many favorites, or posts of one author: a walk through the newest posts. After
   STEP of them the page is what was found, with the position to go on from.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Uuid,
    bindparam,
    false,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.selectable import LateralFromClause

from app.core.keyset import page_limit
from app.core.sql.row_lookup import has_row
from app.core.sql.rows import Positioned, Query
from app.lounge.models import LoungeFavorite
from app.post.models import Post, visible_to
from app.post.repository.columns import COLUMNS, with_names
from app.post.rows import Post as PostRow

MOST_FAVORITES = 200
"""With more favorites, most of the newest posts are in one of them."""

STEP = 5_000
"""Posts that a page walks through at most."""

_VIEWER = bindparam("viewer_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)
_LOUNGE_ID = bindparam("lounge_id", type_=Uuid)
_AUTHOR_ID = bindparam("author_id", type_=Uuid)


@cache
def favorites_feed(*, of_lounge: bool, of_author: bool) -> Query[Positioned[PostRow]]:
    """Up to a page of posts, the newest first. Where a walk ended before, the last row says so.

    That row's position is true. It does not belong to the page, and its post may not be visible.
    """
    favorites = _favorites(of_lounge=of_lounge)
    is_few = select(func.count()).select_from(favorites).scalar_subquery() <= MOST_FAVORITES
    walk = _walk(of_author=of_author, only_if=true() if of_author else ~is_few)
    parts = [_found(walk, of_lounge=of_lounge), _end(walk)]
    if not of_author:
        parts.append(_newest(favorites, is_few))
    ids = union_all(*(select(part.subquery()) for part in parts)).subquery("ids")
    statement = (
        with_names(select(ids.c.is_end.label("position"), *COLUMNS).join(Post, Post.id == ids.c.id))
        .order_by(Post.id.desc(), ids.c.is_end)
        .limit(page_limit())
    )
    return Query(Positioned[PostRow], statement)


def _favorites(*, of_lounge: bool) -> CTE:
    """The viewer's favorites, but no more than are needed to know that they are many."""
    query = select(LoungeFavorite.lounge_id).where(LoungeFavorite.user_id == _VIEWER)
    if of_lounge:
        query = query.where(LoungeFavorite.lounge_id == _LOUNGE_ID)
    return query.limit(literal_column(str(MOST_FAVORITES + 1))).cte("favorites")


def _newest(favorites: CTE, is_few: ColumnElement[bool]) -> Select[Any]:
    """The newest posts of few lounges. A page of posts comes from no more lounges than posts."""
    head = _posts_of(favorites, literal_column("1"), "head")
    heads = (
        select(favorites.c.lounge_id)
        .select_from(favorites.join(head, true()))
        .where(is_few)
        .order_by(head.c.id.desc())
        .limit(page_limit())
        .cte("heads")
    )
    newest = _posts_of(heads, page_limit(), "newest")
    return (
        select(newest.c.id, false().label("is_end"))
        .select_from(heads.join(newest, true()))
        .order_by(newest.c.id.desc())
        .limit(page_limit())
    )


def _posts_of(lounges: CTE, most: ColumnElement[int], name: str) -> LateralFromClause:
    query = select(Post.id).where(
        Post.lounge_id == lounges.c.lounge_id, Post.id < _AFTER_ID, visible_to(_VIEWER)
    )
    return query.order_by(Post.id.desc()).limit(most).correlate(lounges).lateral(name)


def _walk(*, of_author: bool, only_if: ColumnElement[bool]) -> CTE:
    """The newest posts, deleted ones too, by an index-only scan in their order."""
    query = select(Post.id, Post.lounge_id).where(Post.id < _AFTER_ID, only_if)
    if of_author:
        query = query.where(Post.author_id == _AUTHOR_ID)
    return query.order_by(Post.id.desc()).limit(literal_column(str(STEP))).cte("walk")


def _found(walk: CTE, *, of_lounge: bool) -> Select[Any]:
    """The posts of a walk that the viewer sees, in favorite lounges."""
    is_favorite = has_row(
        LoungeFavorite,
        LoungeFavorite.user_id == _VIEWER,
        LoungeFavorite.lounge_id == walk.c.lounge_id,
    )
    # OFFSET 0 keeps it a look-up for each post.
    visible = select(Post.id).where(Post.id == walk.c.id, visible_to(_VIEWER))
    lookup = visible.offset(literal_column("0")).correlate(walk).lateral("visible")
    query = (
        select(walk.c.id, false().label("is_end"))
        .select_from(walk.join(lookup, true()))
        .where(is_favorite)
    )
    if of_lounge:
        query = query.where(walk.c.lounge_id == _LOUNGE_ID)
    return query.order_by(walk.c.id.desc()).limit(page_limit())


def _end(walk: CTE) -> Select[Any]:
    """Where a walk ended before the last post."""
    end = select(walk.c.id, true().label("is_end")).order_by(walk.c.id.desc())
    return end.offset(literal_column(str(STEP - 1))).limit(literal_column("1"))
