"""The statements that read posts as clients get them.

Each list is one Core statement, built once for its combination of filters: no ORM objects, no
second query, however many rows.
"""

from enum import StrEnum
from functools import cache

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY, aggregate_order_by

from app.core.database import AnySelect
from app.core.keyset import page_limit
from app.image.models import Image
from app.lounge.models import Lounge
from app.post.models import (
    Post,
    PostImage,
    PostLike,
    not_muted,
    readable_by,
    visible_to,
)
from app.user.models import User, author_columns

_VIEWER = bindparam("viewer_id", type_=Uuid)
_MEDIA = bindparam("media_url", type_=Text)
_POST_ID = bindparam("post_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)


class Filter(StrEnum):
    """What a list of posts may be narrowed by, each with a parameter of its own."""

    LOUNGE = "lounge_id"
    AUTHOR = "author_id"
    WORDS = "words"


def _images() -> ColumnElement[str]:
    """A post's images as JSON text, in order: it goes into the answer as it is."""
    image = func.json_build_object(
        *("id", Image.id),
        *("url", _MEDIA + Image.key),
        *("thumbnail_url", _MEDIA + Image.thumbnail_key),
        *("width", Image.width),
        *("height", Image.height),
        *("blurhash", Image.blurhash),
    )
    in_order = func.json_agg(aggregate_order_by(image, PostImage.position))
    listed = (
        select(cast(in_order, Text))
        .join(Image, Image.id == PostImage.image_id)
        .where(PostImage.post_id == Post.id)
        .scalar_subquery()
    )
    return func.coalesce(listed, "[]").label("images")


def _liked() -> ColumnElement[bool]:
    likes = select(PostLike.id).where(PostLike.user_id == _VIEWER, PostLike.post_id == Post.id)
    return likes.correlate(Post).exists().label("liked")


_POSTS = (
    select(
        Post.id,
        Post.lounge_id,
        Lounge.name.label("lounge_name"),
        Post.title,
        Post.body,
        Post.comment_count,
        Post.like_count,
        Post.moderation,
        Post.created_at,
        Post.updated_at,
        _liked(),
        _images(),
        *author_columns(),
    )
    .join(Lounge, Lounge.id == Post.lounge_id)
    .join(User, User.id == Post.author_id)
)
ONE = _POSTS.where(Post.id == _POST_ID, visible_to(_VIEWER))
EXISTS = select(Post.id).where(Post.id == _POST_ID, visible_to(_VIEWER))
READABLE = select(Post.id).where(Post.id == _POST_ID, readable_by(_VIEWER))
AUDIBLE = EXISTS.where(not_muted(_VIEWER))
LIKES = (
    _POSTS.add_columns(PostLike.id.label("place_id"))
    .join(PostLike, PostLike.post_id == Post.id)
    .where(PostLike.user_id == _VIEWER, PostLike.id < _AFTER_ID, visible_to(_VIEWER))
    .order_by(PostLike.id.desc())
    .limit(page_limit())
)


@cache
def list_statement(filters: frozenset[Filter]) -> AnySelect:
    """Built once for each combination."""
    statement = (
        _POSTS.where(Post.id < _AFTER_ID, visible_to(_VIEWER))
        .order_by(Post.id.desc())
        .limit(page_limit())
    )
    if Filter.LOUNGE in filters:
        statement = statement.where(Post.lounge_id == bindparam("lounge_id", type_=Uuid))
    if Filter.AUTHOR in filters:
        statement = statement.where(Post.author_id == bindparam("author_id", type_=Uuid))
    if Filter.WORDS in filters:
        statement = statement.where(*_holds_words())
    return statement


def _holds_words() -> tuple[ColumnElement[bool], ...]:
    """The index finds what has all the bigrams; LIKE keeps what has them as words."""
    return (
        Post.search_vector.op("@@")(cast(bindparam("query", type_=Text), TSQUERY)),
        Post.search_text.like(func.all(bindparam("patterns", type_=ARRAY(Text)))),
    )
